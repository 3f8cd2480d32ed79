using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;

namespace Clouds.Native.Generation.Store;

/// <summary>The part of a store's images that one of several processes makes: a range of their numbers; all parts together are all of them.</summary>
/// <param name="Number">Which part, 1..<paramref name="Of"/>.</param>
/// <param name="Of">Number of parts.</param>
public readonly record struct StoreShare(int Number, int Of)
{
    private const int Most = 1 << 20;

    /// <summary>The whole.</summary>
    public static StoreShare Whole { get; } = new(1, 1);

    internal bool IsValid => Of is >= 1 and <= Most && Number >= 1 && Number <= Of;

    internal string Manifest => Of == 1 ? StoreFiles.Manifest : $"manifest-{Number}-of-{Of}.jsonl";

    /// <summary>A part as people write it, "2/8": the second of eight.</summary>
    /// <exception cref="CloudsException">Usage: it is none.</exception>
    public static StoreShare Parse(string text) => text.Split('/') is [string number, string of]
        && int.TryParse(number, out int first) && int.TryParse(of, out int second) && new StoreShare(first, second) is { IsValid: true } share
        ? share
        : throw new CloudsException(Failure.Usage, "a part of the images cannot be read", "share", $"'{text}'", "I/N, for instance 1/4 to 4/4");

    /// <summary>The part of this part that a process makes where several share it.</summary>
    /// <param name="rank">The process, from 0.</param>
    /// <param name="ranks">Processes.</param>
    public StoreShare Split(int rank, int ranks) => new(((Number - 1) * ranks) + rank + 1, Of * ranks);

    /// <summary>Numbers of its images.</summary>
    /// <param name="count">Images of all parts.</param>
    public IEnumerable<int> Indices(int count)
    {
        IndexShare share = IndexShare.Of(count, Number - 1, Of);
        return Enumerable.Range(share.First, share.Count);
    }

    /// <summary>Such as 2/8.</summary>
    public override string ToString() => $"{Number}/{Of}";
}
