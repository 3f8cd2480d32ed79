using Clouds.Graph.Building;

namespace Clouds.Models.Portable;

/// <summary>
/// A network as `clouds model export` writes it for other programs. A further network is a class that implements this; how it becomes a file of standard
/// operators, in which precision, and how that is checked, is the same for all.
/// </summary>
public interface IPortableNetwork
{
    /// <summary>What it is, in a word.</summary>
    string Kind { get; }

    /// <summary>Extents of its inputs that a file may leave open; all others are the network's own.</summary>
    IReadOnlyList<OpenExtent> Extents { get; }

    /// <summary>Whole numbers that its inputs take are below this; 0 where there are none.</summary>
    long Ids { get; }

    /// <summary>Declares the inputs, builds the network and names the outputs.</summary>
    /// <param name="g">An empty graph.</param>
    /// <param name="extents">By the symbol of each of <see cref="Extents"/>: a number, or the symbol itself where the file leaves it open.</param>
    void Build(GraphBuilder g, IReadOnlyDictionary<string, Dim> extents);
}

/// <summary>An extent of inputs that a file fixes or leaves open.</summary>
/// <param name="Symbol">Its name in the file.</param>
/// <param name="Meaning">What it counts, for messages.</param>
/// <param name="Multiple">Sizes are multiples of it.</param>
/// <param name="Samples">Sizes at which a file that leaves it open is tried.</param>
public sealed record OpenExtent(string Symbol, string Meaning, long Multiple, params IReadOnlyList<long> Samples)
{
    /// <summary>Images or texts at a time.</summary>
    public static OpenExtent Batch { get; } = new("N", "batch", 1, 1, 3);

    /// <summary>Rows of an image.</summary>
    public static OpenExtent Height { get; } = new("H", "height", 32, 64, 96);

    /// <summary>Columns of an image.</summary>
    public static OpenExtent Width { get; } = new("W", "width", 32, 128, 64);
}
