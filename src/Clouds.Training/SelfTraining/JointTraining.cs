using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Distributed;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// Self-training as the paper has it (section 3.3, figure 3): a student learns from source images and their labels, and from generated images and what a
/// mean teacher says of them, refined with the masks of Segment Anything. One step is that of method.md section 3.5; its numbers stand beside the lines.
/// </summary>
internal sealed class JointTraining : ITraining, IDisposable
{
    private readonly SelfTrainingConfig _self;
    private readonly IndexShare _images;
    private readonly StepShape _shape;
    private readonly SourceGraph _graph;
    private readonly TeacherLabels _teacher;
    private readonly PseudoLabelRefiner? _refiner;
    private readonly string? _frozenEncoder;
    private readonly ulong _seed;
    private readonly Normalisation _colours;
    private readonly Prefetch<JointSample> _samples;
    private readonly TargetBatch _targets;
    private readonly StepDraws _draws;
    private JointSample[] _batch = [];

    /// <param name="config">Settings of stage 2 (<see cref="SelfTrainingConfig.Over"/>).</param>
    /// <param name="self">What differs from stage 1.</param>
    /// <param name="source">The source domain.</param>
    /// <param name="generated">The generated images.</param>
    /// <param name="refiner">Borrowed; null: the teacher's labels are taken as they are.</param>
    /// <param name="overlap">What the refiner does with pixels of several masks.</param>
    /// <param name="frozenEncoder">Weight file of an encoder that is not trained; null where it is trained.</param>
    /// <param name="names">What a text classifier compares with; null for a linear one.</param>
    /// <param name="threads">Processor threads; 0: one a processor.</param>
    /// <param name="workers">Samples that are made at once; 0: as many as help.</param>
    /// <param name="images">Which of a step\'s images are computed here; null: all.</param>
    public JointTraining(SourceTrainingConfig config, SelfTrainingConfig self, IDataset source, IImageSet generated, PseudoLabelRefiner? refiner,
        OverlapRule overlap, string? frozenEncoder, TextBank? names = null, int threads = 0, int workers = 0, IndexShare? images = null)
    {
        (_self, _refiner, _frozenEncoder, _seed) = (self, refiner, frozenEncoder, (ulong)config.Seed);
        _images = images ?? IndexShare.All(config.Batch);
        _shape = new StepShape(_images.Count, config.Augmentation.CropHeight, config.Augmentation.CropWidth, source.Classes.Count);
        MaskFormer network = new(config.Network, source.Classes.Count, config.Encoder.Trainable, names);
        _colours = new Normalisation(network.Encoder.Colours.Mean, network.Encoder.Colours.Deviation);
        bool overlapping = refiner is not null && overlap == OverlapRule.Keep;
        bool scaled = _images.Count < config.Batch && config.Loss.ClassNormaliser == ClassNormaliser.Global;
        _graph = new SourceGraph(network, config.Loss, _shape, scaled) { Weighted = self.LossWeight != 1, Overlapping = overlapping };
        _teacher = new TeacherLabels(network, config.Network.TransformerDecoder.Queries, _shape, threads);
        JointStream stream = new(source, generated, config, self);
        _samples = new(index => stream.Make(_images.PlaceOf(index)), config.Steps * _images.Count, workers, ahead: 2 * _images.Count);
        TargetShare share = new(config.Loss, config.Network.TransformerDecoder.Queries);
        _targets = new TargetBatch(_graph.Criterion, _shape, share, overlapping, config.Loss.IgnoreMode == IgnoreMode.Exclude);
        _draws = new StepDraws(_graph.Criterion, _shape, _images);
    }

    /// <summary>Student, teacher and, where it is frozen, the encoder of both.</summary>
    public TrainingGraph Build()
    {
        TrainingGraph student = _frozenEncoder is null
            ? _graph.Whole()
            : _graph.BehindFrozen(parameters => FrozenWeights.Open(_frozenEncoder, parameters));
        return student with { Stages = [.. student.Stages, _teacher.Stage(student.Stages.SingleOrDefault()?.Weights)] };
    }

    // 1. The teacher has followed the student at the end of the step before, which is the beginning of this one (MeanTeacher).
    // 3. The student's images; the engine runs the encoder on all of them.
    public void Fill(Batch batch)
    {
        _batch = [.. Enumerable.Range(0, _shape.Images).Select(i => _samples.Take((batch.Step * _shape.Images) + i))];
        Span<float> images = batch.Of(_graph.Image).Span;
        int planes = images.Length / _batch.Length;
        for (int i = 0; i < _batch.Length; i++)
        {
            _colours.Write(_batch[i].Student, images.Slice(i * planes, planes), _shape.Width, _shape.Height);
        }

        TrainingStep.Meter.AddImages(_batch.Length);
    }

    // 4. and 8. are the training graph behind this and the optimiser's step: one loss over the whole batch.
    public void Complete(Batch batch)
    {
        _targets.Fill(batch, _batch.Select((sample, i) => sample.Labels is LabelMap truth ? new ImageTargets(truth) : Generated(batch, i, sample)));
        WriteWeights(batch);
        _draws.Fill(batch);
    }

    public void Dispose()
    {
        _samples.Dispose();
        _teacher.Dispose();
    }

    private ImageTargets Generated(Batch batch, int image, JointSample sample)
    {
        ImageTargets said = PseudoLabels(batch, image, sample.Clean!);
        return sample.Pasted is LabelMap pasted ? MixedTargets.Of(said, pasted) : said;
    }

    private ImageTargets PseudoLabels(Batch batch, int image, RgbImage clean)
    {
        LabelMap labels = _teacher.Label(batch, clean);                                                 // 2. and 5.
        if (_refiner is null)
        {
            return new ImageTargets(Padded(labels));
        }

        PointSeed seed = new(_seed, batch.Step, _images.First + image);
        return _graph.Overlapping ? Overlapping(_refiner, clean, labels, seed) : Refined(_refiner, clean, labels, seed);    // 6. and 7.
    }

    private ImageTargets Refined(PseudoLabelRefiner refiner, RgbImage clean, LabelMap labels, PointSeed seed)
    {
        byte[] map = Array.ConvertAll(labels.Ids, id => (byte)id);
        RefinedMap told = refiner.Refine([new BatchImage(clean, 0, seed)], map, map)[0];
        LabelMap refined = new(labels.Width, labels.Height, Array.ConvertAll(map, id => (ushort)id));
        return told.IsUnrefined ? Unrefined(labels) : new ImageTargets(Padded(refined)) { FurtherClasses = told.Classes };
    }

    // A map has one class a pixel: masks that keep their overlaps are targets themselves.
    private ImageTargets Overlapping(PseudoLabelRefiner refiner, RgbImage clean, LabelMap labels, PointSeed seed)
    {
        RefinementResult refined = refiner.Refine(clean, labels, seed);
        return refined.IsUnrefined ? Unrefined(labels) : new ImageTargets(Padded(refined.Map)) { Overlapping = refined.Classes };
    }

    private ImageTargets Unrefined(LabelMap labels)
    {
        if (_self.Unrefined == UnrefinedLabels.None)
        {
            Array.Fill(labels.Ids, LabelMap.Ignore);
        }

        return new ImageTargets(Padded(labels));
    }

    private void WriteWeights(Batch batch)
    {
        for (int i = 0; i < _batch.Length && _graph.Weighted; i++)
        {
            batch.Of(_graph.Criterion.ImageWeights).Span[i] = _batch[i].Clean is null ? 1 : (float)_self.LossWeight;
        }
    }

    private LabelMap Padded(LabelMap labels) => ScaledCrop.Pad(labels, _shape.Width, _shape.Height);
}
