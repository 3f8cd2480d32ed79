using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

/// <summary>A whole training step of a tiny network: the same graph by different ways through the runtime.</summary>
[Kind(TestKind.Fast)]
public sealed class SourceGraphTests
{
    private static readonly MaskFormerConfig Tiny = new()
    {
        Encoder = new ConvNeXtConfig { Depths = [1, 1, 1, 1], Widths = [8, 8, 16, 16], LayerScale = 1 },
        PixelDecoder = new() { Width = 32, MaskWidth = 32, Layers = 1, Heads = 4, FeedForward = 32 },
        TransformerDecoder = new() { Width = 32, MaskWidth = 32, Queries = 6, Layers = 2, Heads = 4, FeedForward = 32 },
    };

    private static readonly TrainingGraph Step = Build(new StepShape(2, 64, 96, 3));

    // Single precision, sums of up to 1,500 terms in another order: seen 4e-6 of a tensor's largest element.
    [Fact]
    public void Gradients_ByOurKernelsAndByTheirLowerings_Agree()
        => AssertClose(Run(Step, new SessionSettings()), Run(Step, new SessionSettings { UseCustomOps = false }), 1e-4);

    [Fact]
    public void Gradients_WithAndWithoutTheRuntimesRewriting_Agree()
        => AssertClose(Run(Step, new SessionSettings()), Run(Step, new SessionSettings { Optimize = false }), 1e-4);

    // Half precision has 11 bits; a few uncertain points are others.
    [Fact]
    public void LossAndGradients_InMixedPrecision_AreNearThoseOfSingle()
    {
        Dictionary<string, float[]> single = Run(Step, new SessionSettings()), mixed = Run(Step.In(TrainingPrecision.Mixed), new SessionSettings());
        Assert.Equal(single[TrainingGraph.Loss][0], mixed[TrainingGraph.Loss][0], 5e-3 * single[TrainingGraph.Loss][0]);
        double Norm(Func<float, float, double> of) => Math.Sqrt(single.Keys.Where(name => name.StartsWith("gradient.", StringComparison.Ordinal))
            .Sum(name => single[name].Zip(mixed[name], of).Sum(x => x * x)));
        double share = Norm((a, b) => (double)a - b) / Norm((a, _) => a);
        Assert.True(share is > 0 and < 0.05, $"{share} of the gradient");
    }

    // Convolutions and linear layers of the pixel decoder, projections included, and the matching are read in single precision by method.md section 1.3.
    [Fact]
    public void MixedPrecision_ReadsNoWeightOfThePixelDecoderInHalf()
    {
        Node[] casts = [.. Step.In(TrainingPrecision.Mixed).Graph.LiveNodes().Where(node => node.Op == "Cast" && node.Outputs[0].Type == ElementType.Float16)];
        string[] halves = [.. casts.Select(node => node.Input(0).Name)];
        Assert.DoesNotContain(halves, name => name.StartsWith("sem_seg_head.pixel_decoder.", StringComparison.Ordinal));
        Assert.Contains(halves, name => name.StartsWith("sem_seg_head.predictor.", StringComparison.Ordinal));
        Assert.Contains(halves, name => name.StartsWith("backbone.clip_model.", StringComparison.Ordinal));
    }

    // 38 planes of 5,632 logits, most of them of empty slots: smaller ones the runtime leaves to one thread.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_OnTwoThreadsBesideABusyOne_HaveTheBitsOfOneThread(bool useCustomOps)
    {
        TrainingGraph step = Build(new StepShape(2, 256, 352, 19));
        Dictionary<string, float[]> one = Run(step, new SessionSettings { Threads = 1, UseCustomOps = useCustomOps });
        using BusyProcessor busy = new();
        SessionSettings settings = new() { Threads = 2, UseCustomOps = useCustomOps };
        foreach (Dictionary<string, float[]> two in RunOften(step, settings, times: useCustomOps ? 200 : 5))
        {
            Assert.All(one, gradient => Assert.True(gradient.Value.AsSpan().SequenceEqual(two[gradient.Key]), gradient.Key));
        }
    }

    [Fact]
    public void Graph_OfATrainedEncoder_HasAGradientForEveryParameter()
    {
        HashSet<string> outputs = [.. Step.Graph.Outputs.Select(output => output.Name)];
        Assert.All(Step.Trained, parameter => Assert.Contains(TrainingGraph.GradientOf(parameter.Name), outputs));
        Assert.Contains(Step.Trained, parameter => parameter.Name.StartsWith("backbone.clip_model.", StringComparison.Ordinal));
    }

    private static TrainingGraph Build(StepShape shape) => new SourceGraph(new MaskFormer(Tiny, 3), new CriterionConfig { Points = 64 }, shape).Whole();

    private static Dictionary<string, float[]> Run(TrainingGraph step, SessionSettings settings) => RunOften(step, settings, 1).Single();

    // The same buffers in every run.
    private static IEnumerable<Dictionary<string, float[]>> RunOften(TrainingGraph step, SessionSettings settings, int times)
    {
        using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(step.Graph), settings);
        foreach (Value input in step.Graph.Inputs)
        {
            Feed(session, input);
        }

        foreach (Parameter parameter in step.Trained)
        {
            session.Bind<float>(parameter.Name, parameter.Initialize(7), parameter.Shape.Sizes);
        }

        Dictionary<string, float[]> outputs = [];
        foreach ((string name, Value value) in step.Graph.Outputs)
        {
            session.Bind<float>(name, outputs[name] = new float[value.Shape.ElementCount], value.Shape.Sizes);
        }

        for (int time = 0; time < times; time++)
        {
            session.Run();
            yield return outputs;
        }
    }

    // The first image has three targets of classes 0, 1 and 2, the second one of class 1; all other slots are empty.
    private static void Feed(GraphSession session, Value input)
    {
        long[] sizes = input.Shape.Sizes;
        int slots = (int)(sizes.Length > 1 ? sizes[1] : 0);
        switch (input.Name)
        {
            case "target.labels":
                session.Bind<long>(input.Name, (long[])[0, 1, 2, .. new long[slots - 3], 1, .. new long[slots - 1]], sizes);
                break;
            case "target.valid":
                session.Bind<float>(input.Name, (float[])[1, 1, 1, .. new float[slots - 3], 1, .. new float[slots - 1]], sizes);
                break;
            case "target.map":
                session.Bind<byte>(input.Name, Map((int)sizes[1], (int)sizes[2]), sizes);
                break;
            case "loss.scale":
                session.Bind<float>(input.Name, new float[] { 4096 }, sizes);
                break;
            case "num_masks":
                session.Bind<float>(input.Name, new float[] { 4 });
                break;
            default:
                float[] values = new float[input.Shape.ElementCount];
                new RandomStream(3, input.Name).Fill(values);
                session.Bind<float>(input.Name, values, sizes);
                break;
        }
    }

    // Vertical stripes in the first image, the upper half in the second, whose lower half nobody labelled.
    private static byte[] Map(int height, int width)
    {
        byte[] map = new byte[2 * height * width];
        for (int i = 0; i < height * width; i++)
        {
            map[i] = (byte)(i % width * 3 / width);
            map[(height * width) + i] = (byte)(i < height / 2 * width ? 1 : 255);
        }

        return map;
    }

    private static void AssertClose(Dictionary<string, float[]> one, Dictionary<string, float[]> other, double share)
    {
        foreach ((string name, float[] values) in one)
        {
            // Some gradients are zero in exact arithmetic (key biases, biases before a normalisation): what is there is noise of about 1e-6.
            double scale = Math.Max(values.Max(Math.Abs), name.EndsWith("in_proj_bias", StringComparison.Ordinal) ? 1 : 0.05);
            double worst = values.Zip(other[name], (a, b) => Math.Abs((double)a - b)).Max();
            Assert.True(worst <= share * scale, $"{name}: {worst} of {scale}");
        }
    }
}
