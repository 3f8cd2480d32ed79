using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
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
    /// <param name="frozenEncoder">Weight file of an encoder that is not trained; null where it is trained.</param>
    /// <param name="names">What a text classifier compares with; null for a linear one.</param>
    /// <param name="threads">Processor threads; 0: one a processor.</param>
    /// <param name="workers">Samples that are made at once; 0: as many as help.</param>
    public JointTraining(SourceTrainingConfig config, SelfTrainingConfig self, IDataset source, IImageSet generated, PseudoLabelRefiner? refiner,
        string? frozenEncoder, TextBank? names = null, int threads = 0, int workers = 0)
    {
        (_refiner, _frozenEncoder, _seed) = (refiner, frozenEncoder, (ulong)config.Seed);
        _shape = new StepShape(config.Batch, config.Augmentation.CropHeight, config.Augmentation.CropWidth, source.Classes.Count);
        MaskFormer network = new(config.Network, source.Classes.Count, config.Encoder.Trainable, names);
        _colours = new Normalisation(network.Encoder.Colours.Mean, network.Encoder.Colours.Deviation);
        _graph = new SourceGraph(network, config.Loss, _shape);
        _teacher = new TeacherLabels(network, config.Network.TransformerDecoder.Queries, _shape, threads);
        _samples = new(new JointStream(source, generated, config, self).Make, config.Steps * config.Batch, workers, ahead: 2 * config.Batch);
        _targets = new TargetBatch(_graph.Criterion, _shape);
        _draws = new StepDraws(_graph.Criterion, _shape);
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

    // 4. and 8. are the training graph behind this and the optimiser's step: one loss over the whole batch, no weight for either domain.
    public void Complete(Batch batch)
    {
        _targets.Fill(batch, _batch.Select((sample, i) => sample.Labels is LabelMap truth ? new ImageTargets(truth) : PseudoLabels(batch, i, sample.Clean!)));
        _draws.Fill(batch);
    }

    public void Dispose()
    {
        _samples.Dispose();
        _teacher.Dispose();
    }

    private ImageTargets PseudoLabels(Batch batch, int image, RgbImage clean)
    {
        LabelMap labels = _teacher.Label(batch, clean);                                                 // 2. and 5.
        if (_refiner is null)
        {
            return new ImageTargets(Padded(labels));
        }

        RefinementResult refined = _refiner.Refine(clean, labels, new PointSeed(_seed, batch.Step, image));  // 6.
        int[] empty = [.. refined.Classes.Where(found => found.Mask.Area == 0).Select(found => found.Class)];
        return new ImageTargets(Padded(refined.Map)) { EmptyClasses = empty };                          // 7.
    }

    private LabelMap Padded(LabelMap labels) => ScaledCrop.Pad(labels, _shape.Width, _shape.Height);
}
