using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>What is known about one published model: a manifest of models/catalogue.</summary>
public sealed class CatalogueEntry
{
    private readonly Lazy<NameMap> _map;

    internal CatalogueEntry(string dialect, TensorList list)
    {
        (Names, List) = (dialect, list);
        _map = new Lazy<NameMap>(() => NameMap.Of(dialect));
    }

    /// <summary>Its name here, for instance "clip_rn50".</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in half a line.</summary>
    public required string Title { get; init; }

    /// <summary>Its authors' page.</summary>
    public required Uri Home { get; init; }

    /// <summary>Its licence; null where nobody here knows it, so that <see cref="Home"/> has to be asked.</summary>
    public string? Licence { get; internal init; }

    /// <summary>Where the licence stands.</summary>
    public Uri? LicenceSource { get; internal init; }

    /// <summary>What else a user should know.</summary>
    public string? Remark { get; internal init; }

    /// <summary>Whose names its tensors have: a table of models/names.</summary>
    public string Names { get; }

    /// <summary>What network it is, for instance encoder = clip_rn50, a key of the published encoders.</summary>
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }

    /// <summary>In which files it was published.</summary>
    public required IReadOnlyList<PublishedFile> Files { get; init; }

    /// <summary>Number of tensors.</summary>
    public int Tensors => List.Tensors.Count;

    /// <summary>Number of their elements.</summary>
    public long Parameters => List.Tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (product, extent) => product * extent));

    /// <summary>SHA-256 of the list of tensors: names, shapes and types.</summary>
    public string TensorDigest => List.Digest;

    internal TensorList List { get; }

    internal NameMap Map => _map.Value;
}
