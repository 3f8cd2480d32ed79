using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Augmented samples of a data set, one after the other. What is at a position is a function of (seed, position) alone.</summary>
internal sealed class SampleStream(IDataset data, SourceTrainingConfig config)
{
    private readonly SampleOrder _order = new(data.Count, (ulong)config.Seed);
    private readonly Augmenter _augmenter = new(config.Augmentation);

    /// <summary>The sample at a position: that of image i of step s is s times the images of a step, plus i. Safe to call from several threads.</summary>
    public (RgbImage Image, LabelMap Labels) Make(long position)
    {
        Sample sample = data.Load(_order[position]);
        (long step, long image) = Math.DivRem(position, config.Batch);
        return _augmenter.Apply(sample.Image, sample.Labels, new RandomStream((ulong)config.Seed, "augment", step, (int)image));
    }
}
