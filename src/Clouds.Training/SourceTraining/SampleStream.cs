using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.SourceTraining;

/// <summary>Augmented batches, one ahead of the step that uses them. What a step sees is a function of (seed, step) alone.</summary>
internal sealed class SampleStream(IDataset data, SourceTrainingConfig config)
{
    private readonly SampleOrder _order = new(data.Count, (ulong)config.Seed);
    private readonly Augmenter _augmenter = new(config.Augmentation);
    private long _preparedStep = -1;
    private Task<(RgbImage Image, LabelMap Labels)[]>? _prepared;

    /// <summary>The batch of a step; the next one starts to be made in the background.</summary>
    public (RgbImage Image, LabelMap Labels)[] Take(long step)
    {
        (RgbImage Image, LabelMap Labels)[] batch =
            _prepared is not null && _preparedStep == step ? _prepared.GetAwaiter().GetResult() : Make(step, Indices(step));
        int[] next = step + 1 < config.Steps ? Indices(step + 1) : [];
        (_preparedStep, _prepared) = (step + 1, Task.Run(() => Make(step + 1, next)));
        return batch;
    }

    private int[] Indices(long step) => [.. Enumerable.Range(0, config.Batch).Select(i => _order[(step * config.Batch) + i])];

    private (RgbImage Image, LabelMap Labels)[] Make(long step, int[] indices) => [.. indices.Select((index, i) =>
    {
        Sample sample = data.Load(index);
        return _augmenter.Apply(sample.Image, sample.Labels, new RandomStream((ulong)config.Seed, "augment", step, i));
    })];
}
