using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>Which samples of a set a model is measured on.</summary>
/// <param name="Spec">The set, as the user named it.</param>
/// <param name="Count">Samples, drawn by the seed; 0, or more than there are: all.</param>
/// <param name="Seed">Seed of everything that is drawn.</param>
public sealed record HeldOutData(string Spec, int Count, long Seed)
{
    /// <summary>What becomes of samples that cannot be read.</summary>
    public DataConfig Reading { get; init; } = new();

    /// <summary>Indices of the samples among so many, rising.</summary>
    public IReadOnlyList<int> Indices(int count) => Count == 0 || Count >= count
        ? [.. Enumerable.Range(0, count)]
        : [.. Stream("held out").NextPermutation(count)[..Count].Order()];

    /// <summary>A stream of this evaluation.</summary>
    /// <param name="purpose">What is drawn.</param>
    /// <param name="item">For which sample.</param>
    internal RandomStream Stream(string purpose, long item = 0) => new((ulong)Seed, $"evaluation/{purpose}", item);

    /// <summary>The failure that none of the samples could be read.</summary>
    internal CloudsException NothingLeft(IReadOnlyList<DatasetProblem> leftOut) => new(
        Failure.BadInput, "there is nothing to measure the model on", Spec, $"{leftOut.Count} samples, none of which can be used: {leftOut[0].What}",
        "one sample at least", $"`clouds data check {Spec}` tells the problems");
}
