namespace Clouds.Graph.Weights.Torch;

/// <summary>The elements of one or more tensors, as a pickle names them.</summary>
/// <param name="Key">Name within the file.</param>
/// <param name="Type">Element type; bytes where the storage has none.</param>
/// <param name="Elements">Number of elements.</param>
internal sealed record TorchStorage(string Key, WeightType Type, long Elements)
{
    /// <summary>First element, where PyTorch 0.3 and older saved a part of another storage.</summary>
    public long Start { get; init; }

    /// <summary>Its length.</summary>
    public Int128 Bytes => (Int128)Elements * Type.Size();
}

/// <summary>A part of a file that holds the elements of a storage.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">First byte.</param>
internal sealed record TorchPlace(MappedFile File, long Offset);
