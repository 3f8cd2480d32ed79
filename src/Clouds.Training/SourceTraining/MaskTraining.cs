using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>The source training as the engine sees it: the network with its loss, and batches of augmented samples with targets and draws.</summary>
internal sealed class MaskTraining : ITraining, IDisposable
{
    private readonly IndexShare _images;
    private readonly StepShape _shape;
    private readonly SourceGraph _graph;
    private readonly Normalisation _colours;
    private readonly string? _frozenEncoder;
    private readonly Prefetch<(RgbImage Image, LabelMap Labels)> _samples;
    private readonly TargetBatch _targets;
    private readonly StepDraws _draws;

    /// <param name="config">Settings.</param>
    /// <param name="data">The source domain.</param>
    /// <param name="frozenEncoder">Weight file of an encoder that is not trained; null where it is trained.</param>
    /// <param name="names">What a text classifier compares with; null for a linear one.</param>
    /// <param name="workers">Samples that are made at once; 0: as many as help.</param>
    /// <param name="images">Which of a step's images are computed here; null: all.</param>
    public MaskTraining(
        SourceTrainingConfig config, IDataset data, string? frozenEncoder, TextBank? names = null, int workers = 0, IndexShare? images = null)
    {
        _frozenEncoder = frozenEncoder;
        _images = images ?? IndexShare.All(config.Batch);
        _shape = new StepShape(_images.Count, config.Augmentation.CropHeight, config.Augmentation.CropWidth, data.Classes.Count);
        MaskFormer network = new(config.Network, data.Classes.Count, config.Encoder.Trainable, names);
        _colours = new Normalisation(network.Encoder.Colours.Mean, network.Encoder.Colours.Deviation);
        _graph = new SourceGraph(network, config.Loss, _shape, scaled: _images.Count < config.Batch && config.Loss.ClassNormaliser == ClassNormaliser.Global);
        SampleStream stream = new(data, config);
        _samples = new(index => stream.Make(_images.PlaceOf(index)), config.Steps * _images.Count, workers, ahead: 2 * _images.Count);
        _targets = new TargetBatch(_graph.Criterion, _shape, new TargetShare(config.Loss, config.Network.TransformerDecoder.Queries));
        _draws = new StepDraws(_graph.Criterion, _shape, _images);
    }

    public TrainingGraph Build() => _frozenEncoder is null
        ? _graph.Whole()
        : _graph.BehindFrozen(parameters => FrozenWeights.Open(_frozenEncoder, parameters));

    public void Fill(Batch batch)
    {
        (RgbImage Image, LabelMap Labels)[] samples = [.. Enumerable.Range(0, _shape.Images).Select(i => _samples.Take((batch.Step * _shape.Images) + i))];
        Span<float> images = batch.Of(_graph.Image).Span;
        int planes = images.Length / samples.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            _colours.Write(samples[i].Image, images.Slice(i * planes, planes), _shape.Width, _shape.Height);
        }

        _targets.Fill(batch, samples.Select(sample => new ImageTargets(sample.Labels)));
        _draws.Fill(batch);
        TrainingStep.Meter.AddImages(samples.Length);
    }

    public void Dispose() => _samples.Dispose();
}
