using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Augmented samples of a data set, batch by batch. What a step sees is a function of (seed, step) alone.</summary>
internal sealed class SampleStream(IDataset data, SourceTrainingConfig config)
{
    private readonly SampleOrder _order = new(data.Count, (ulong)config.Seed);
    private readonly Augmenter _augmenter = new(config.Augmentation);

    /// <summary>The samples of a step.</summary>
    public (RgbImage Image, LabelMap Labels)[] Make(long step) => [.. Enumerable.Range(0, config.Batch).Select(i =>
    {
        Sample sample = data.Load(_order[(step * config.Batch) + i]);
        return _augmenter.Apply(sample.Image, sample.Labels, new RandomStream((ulong)config.Seed, "augment", step, i));
    })];
}
