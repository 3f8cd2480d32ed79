using Clouds.Native.Downloads;

namespace Clouds.Native.Catalogue;

/// <summary>What a file of weights is, and whether it can become a model of ours.</summary>
public sealed class ImportReport
{
    internal ImportReport()
    {
    }

    /// <summary>The file, the index of shards or the folder, as given.</summary>
    public required string Path { get; init; }

    /// <summary>The container, for instance "safetensors" or "PyTorch (zip)".</summary>
    public required string Format { get; init; }

    /// <summary>Its files on the disk.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>The published model that it is; null where it resembles none.</summary>
    public CatalogueEntry? Entry { get; internal init; }

    /// <summary>Whose names its tensors have, a table of models/names; null where nobody knows them.</summary>
    public string? Names { get; internal init; }

    /// <summary>Keys in front of these names, with a dot at their end; mostly empty.</summary>
    public string Below { get; internal init; } = "";

    /// <summary>What network it is; empty where the tensors do not tell.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Whether it is a model of ours already, which says itself what network it is.</summary>
    public bool IsModel { get; internal init; }

    /// <summary>Its licence, as the catalogue or the file has it; null where neither says.</summary>
    public string? Licence { get; internal init; }

    /// <summary>Number of tensors in the file.</summary>
    public required int Tensors { get; init; }

    /// <summary>Number of tensors by element type.</summary>
    public required IReadOnlyDictionary<string, int> Types { get; init; }

    /// <summary>Tensors that the published model has too, of this shape.</summary>
    public int Matched { get; internal init; }

    /// <summary>Tensors that an imported model takes.</summary>
    public int Taken { get; internal init; }

    /// <summary>Tensors that the model's manifest says to leave behind.</summary>
    public int Left { get; internal init; }

    /// <summary>Tensors beside the keys in front of the names, for instance an optimiser's.</summary>
    public int Outside { get; internal init; }

    /// <summary>Everything that is not as it should be: missing first, then mis-shaped, mis-typed, unexpected, not finite.</summary>
    public required IReadOnlyList<TensorFault> Faults { get; init; }

    /// <summary>Whether it is, byte by byte, a file that was published: null where nobody has published a digest.</summary>
    public bool? IsPublished => Entry is null || Entry.Files.All(file => file.Sha256 is null) ? null
        : Files.All(file => Entry.Files.Any(published => published.IsDigest(file.Sha256) == true));

    /// <summary>
    /// Whether it can become a model of ours and is none yet: whose names it has is known, nothing is missing or of another shape, everything is finite.
    /// What a published model has not may be there besides; of others nobody knows whether it belongs to them.
    /// </summary>
    public bool IsUsable => !IsModel && Names is not null && Taken > 0 && Faults.All(IsHarmless);

    /// <summary>Whether a fault stands in nobody's way.</summary>
    internal bool IsHarmless(TensorFault fault) => Entry is not null && fault.Kind == TensorFaultKind.Unexpected;

    /// <summary>How many faults are of one kind.</summary>
    /// <param name="kind">The kind.</param>
    public int Count(TensorFaultKind kind) => Faults.Count(fault => fault.Kind == kind);
}

/// <summary>A file on the disk.</summary>
/// <param name="Name">Its name without folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes in hexadecimal digits.</param>
public sealed record ImportedFile(string Name, long Bytes, string Sha256)
{
    /// <summary>A file of this machine, which is read as a whole for its digest.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: it cannot be read.</exception>
    public static ImportedFile Of(string path)
    {
        string digest = FileDigest.Of(path, null, CancellationToken.None);
        return new ImportedFile(Path.GetFileName(path), new FileInfo(path).Length, digest);
    }
}
