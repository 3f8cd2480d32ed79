using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Validation;

/// <summary>So many samples of a data set at even distances: sets are sorted by city or condition, and their beginning is one of these.</summary>
/// <param name="all">The set.</param>
/// <param name="count">Samples, no more than it has.</param>
internal sealed class EvenSamples(IDataset all, int count) : IDataset
{
    /// <inheritdoc/>
    public string Name => all.Name;

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public ClassSet Classes => all.Classes;

    /// <inheritdoc/>
    public bool ScoredResized => all.ScoredResized;

    /// <summary>The first samples at even distances; the set itself where it has no more.</summary>
    /// <param name="all">The set.</param>
    /// <param name="most">Samples at most; 0: all.</param>
    public static IDataset Of(IDataset all, int most) => most == 0 || most >= all.Count ? all : new EvenSamples(all, most);

    /// <inheritdoc/>
    public string SampleName(int index) => all.SampleName(At(index));

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => all.Files(At(index));

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => all.LoadImage(At(index));

    /// <inheritdoc/>
    public Sample Load(int index) => all.Load(At(index));

    private int At(int index) => (int)((long)index * all.Count / count);
}
