using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Native.Refinement;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>A training on the processor, whose teacher is not its student.</summary>
internal sealed class JointStep : IDisposable
{
    private const int Width = JointTrainingTests.Width, Height = JointTrainingTests.Height, Classes = JointTrainingTests.Classes;
    private const int Queries = JointTrainingTests.Queries, Images = JointTrainingTests.Images;
    private const long Step = JointTrainingTests.Step;

    private readonly SourceTrainingConfig _config;
    private readonly SelfTrainingConfig _self;
    private readonly JointTraining _training;
    private readonly StepSessions _sessions;
    private readonly ParameterArena _arena;
    private readonly Dictionary<ArenaPart, GraphSession> _networks = [];
    private readonly ColouredBoxes _source = new(6, 1), _generated = new(5, 2);

    public JointStep(SourceTrainingConfig config, SelfTrainingConfig self, PseudoLabelRefiner? refiner, OverlapRule overlap, int threads = 0)
    {
        (_config, _self) = (config, self);
        _training = new JointTraining(config, self, _source, _generated, refiner, overlap, frozenEncoder: null, threads: threads, workers: threads);
        TrainingGraph graph = _training.Build();
        _sessions = new StepSessions(graph, Device.Cpu, new SessionSettings { Threads = 1 });
        _arena = Device.Cpu.CreateArena(graph.Trained.Select(parameter => (parameter.Name, parameter.Shape.Sizes, 0)), teacher: true);
        foreach (Parameter parameter in graph.Trained)
        {
            parameter.Initialize(1, _arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        _sessions.Bind(_arena);
        DrawTeacher(graph.Trained);
    }

    // As drawn, all queries of most networks say the same; here the teacher says several classes of every generated image.
    private void DrawTeacher(IReadOnlyList<Parameter> parameters)
    {
        JointStepOracle oracle = new(_config.Loss, Width, Height);
        for (ulong seed = 2; seed < 200; seed++)
        {
            foreach (Parameter parameter in parameters)
            {
                parameter.Initialize(seed, _arena.Span(ArenaPart.Teacher, parameter.Name));
            }

            Exaggerate("class_embed.weight", 10);
            Exaggerate("mask_features.weight", 30);
            if (Samples(Step).Where(sample => sample.Clean is not null).All(sample =>
                oracle.Labels(Answers(sample.Clean!, ArenaPart.Teacher)[^1]).CountBy(id => id).Count(pair => pair.Value > 200) > 1))
            {
                return;
            }
        }

        Assert.Fail("no teacher says several classes");
    }

    public double Go(long step)
    {
        Batch batch = new(_sessions.Ports, (ulong)_config.Seed, step, _sessions.Run);
        _training.Fill(batch);
        _sessions.RunStages();
        _training.Complete(batch);
        _sessions.Ports.RequireFilled();
        _sessions.RunTraining();
        return _sessions.Ports.Number(TrainingGraph.Loss);
    }

    public (double Loss, int Generated) Oracle(long step, RefinementOptions? options, StandInMasks masks)
    {
        JointSample[] samples = Samples(step);
        JointStepOracle oracle = new(_config.Loss, Width, Height);
        Truth[] truths = [.. samples.Select((sample, i) => TruthOf(oracle, sample, step, i, options, masks))];
        Logits[][] students = [.. samples.Select(sample => Answers(sample.Student, ArenaPart.Parameters))];
        CriterionPorts ports = new(_config.Loss, students[0].Length, new StepShape(Images, Height, Width, Classes));
        double loss = Enumerable.Range(0, students[0].Length).Sum(p =>
            oracle.Loss([.. students.Select(student => student[p])], truths, [.. Enumerable.Range(0, Images).Select(n => PointsOf(ports.Draws[p], n))]));
        return (loss, samples.Count(sample => sample.Clean is not null));
    }

    public void Dispose()
    {
        _networks.Values.ToList().ForEach(session => session.Dispose());
        _sessions.Dispose();
        _arena.Dispose();
        _training.Dispose();
    }

    private JointSample[] Samples(long step)
    {
        JointStream stream = new(_source, _generated, _config, _self);
        return [.. Enumerable.Range(0, Images).Select(i => stream.Make((step * Images) + i))];
    }

    private Truth TruthOf(JointStepOracle oracle, JointSample sample, long step, int image, RefinementOptions? options, StandInMasks masks)
    {
        Truth truth = CleanTruthOf(oracle, sample, step, image, options, masks);
        Assert.Equal(_self.Generated.ClassMix && sample.Clean is not null, sample.Pasted is not null);
        return sample.Pasted is LabelMap pasted ? Covered(truth, pasted.Ids) : truth;
    }

    // Targets have the pixels that are not pasted over, and those that are pasted.
    private static Truth Covered(Truth truth, ushort[] pasted)
    {
        Assert.Contains(pasted, id => id != 255);
        IEnumerable<(int Class, bool[] Mask)> kept = truth.Targets.Where(target =>
            !target.Mask.Contains(true) || target.Mask.Where((inside, i) => inside && pasted[i] == 255).Any());
        IEnumerable<int> classes = kept.Select(target => target.Class).Union(pasted.Where(id => id != 255).Select(id => (int)id)).Order();
        bool Inside(int id, int i) => pasted[i] == 255 ? truth.Targets.Any(target => target.Class == id && target.Mask[i]) : pasted[i] == id;
        return truth with
        {
            Targets = [.. classes.Select(id => (id, Enumerable.Range(0, pasted.Length).Select(i => Inside(id, i)).ToArray()))],
            Labelled = [.. truth.Labelled.Select((labelled, i) => labelled || pasted[i] != 255)],
        };
    }

    private Truth CleanTruthOf(JointStepOracle oracle, JointSample sample, long step, int image, RefinementOptions? options, StandInMasks masks)
    {
        byte[] labels = sample.Labels is LabelMap truth
            ? Array.ConvertAll(truth.Ids, id => (byte)id)
            : oracle.Labels(Answers(sample.Clean!, ArenaPart.Teacher)[^1]);
        double weight = sample.Clean is null ? 1 : _self.LossWeight;
        if (sample.Clean is null || options is null)
        {
            return new Truth(TargetsOf(labels), Array.ConvertAll(labels, id => id != 255), weight);
        }

        Assert.True(labels.Distinct().Count() > 1, "the teacher's labels should be of several classes");
        RefinementOracle refined = new(labels, Height, Width, options, new PointSeed((ulong)_config.Seed, step, image), masks);
        if (refined.IsUnrefined && _self.Unrefined == UnrefinedLabels.None)
        {
            return new Truth([], new bool[labels.Length], weight);
        }

        bool[] labelled = [.. Enumerable.Range(0, labels.Length).Select(i => refined.Classes.Any(target => target.Mask[i]))];
        return new Truth(refined.Classes, labelled, weight);
    }

    private static (int Class, bool[] Mask)[] TargetsOf(byte[] labels) =>
        [.. labels.Where(id => id != 255).Distinct().Order().Select(id => ((int)id, Array.ConvertAll(labels, here => here == id)))];

    // Every prediction for one image; the encoder is the student's in any case.
    private Logits[] Answers(RgbImage image, ArenaPart head)
    {
        MaskFormer network = new(_config.Network, Classes, trainEncoder: true);
        if (!_networks.TryGetValue(head, out GraphSession? session))
        {
            _networks.Add(head, session = Open(network, head));
        }

        float[] pixels = new float[3 * Height * Width];
        new Normalisation(network.Encoder.Colours.Mean, network.Encoder.Colours.Deviation).Write(image, pixels, Width, Height);
        session.Bind<float>("image", pixels, 1, 3, Height, Width);
        Logits[] answers = [.. Enumerable.Range(0, network.Predictions).Select(_ =>
            new Logits(new float[Queries * (Classes + 1)], new float[Queries * Height * Width / 16], Queries, Height / 4, Width / 4))];
        for (int p = 0; p < answers.Length; p++)
        {
            session.Bind<float>($"classes.{p}", answers[p].Classes, 1, Queries, Classes + 1);
            session.Bind<float>($"masks.{p}", answers[p].Masks, 1, Queries, Height / 4, Width / 4);
        }

        session.Run();
        return answers;
    }

    private GraphSession Open(MaskFormer network, ArenaPart head)
    {
        GraphBuilder g = new("answer");
        IReadOnlyList<Prediction> predictions = network.Decode(g, network.Encode(g, g.Input("image", ElementType.Float, [1, 3, Height, Width])));
        for (int p = 0; p < predictions.Count; p++)
        {
            g.Output($"classes.{p}", predictions[p].ClassLogits);
            g.Output($"masks.{p}", predictions[p].MaskLogits);
        }

        GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g), new SessionSettings { Threads = 1 });
        foreach (GraphPort parameter in session.Inputs.Where(input => input.Name != "image"))
        {
            ArenaPart part = parameter.Name.StartsWith($"{network.Encoder.Scope}.", StringComparison.Ordinal) ? ArenaPart.Parameters : head;
            _arena.BindTo(session, parameter.Name, _arena.Slot(parameter.Name), part);
        }

        return session;
    }

    private Points PointsOf(DrawPorts draws, int image)
    {
        float[] Row(Port<float> port, int row, int rows) =>
            [.. _sessions.Ports.ToFill(port).Span.ToArray().Chunk((int)port.Shape.ElementCount / rows).ElementAt(row)];
        return new Points(
            Row(draws.Matcher, image, Images),
            [.. Enumerable.Range(0, Classes).Select(slot => Row(draws.Candidates, (image * Classes) + slot, Images * Classes))],
            [.. Enumerable.Range(0, Classes).Select(slot => Row(draws.Fresh, (image * Classes) + slot, Images * Classes))]);
    }

    private void Exaggerate(string ending, float factor)
    {
        ParameterSlot slot = _arena.Slots.Single(slot => slot.Name.EndsWith(ending, StringComparison.Ordinal));
        foreach (ref float value in _arena.Span(ArenaPart.Teacher, slot.Name))
        {
            value *= factor;
        }
    }
}
