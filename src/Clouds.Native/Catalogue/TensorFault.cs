namespace Clouds.Native.Catalogue;

/// <summary>In which way a tensor of a file is not what a published model has.</summary>
public enum TensorFaultKind
{
    /// <summary>The file has it not.</summary>
    Missing,

    /// <summary>It has another shape.</summary>
    MisShaped,

    /// <summary>It has an element type that cannot be taken for the published one.</summary>
    MisTyped,

    /// <summary>The model has it not.</summary>
    Unexpected,

    /// <summary>An element is infinite or no number.</summary>
    NotFinite,
}

/// <summary>One tensor that is not as it should be.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Name">The published name, or where there is none, the file's.</param>
/// <param name="Found">Type and shape in the file, or the first element that is not finite; null where it is missing.</param>
/// <param name="Expected">Type and shape of the published model's; null where it has none.</param>
/// <param name="Nearest">A name that was probably meant; null where none is near, or too many are wrong.</param>
public sealed record TensorFault(TensorFaultKind Kind, string Name, string? Found, string? Expected, string? Nearest);
