using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

/// <summary>A whole training step of a tiny network: the same graph by different ways through the runtime.</summary>
public sealed class SourceGraphTests
{
    private static readonly MaskFormerConfig Tiny = new()
    {
        Encoder = new() { Depths = [1, 1, 1, 1], Widths = [8, 8, 16, 16], LayerScale = 1 },
        PixelDecoder = new() { Width = 32, MaskWidth = 32, Layers = 1, Heads = 4, FeedForward = 32 },
        TransformerDecoder = new() { Width = 32, MaskWidth = 32, Queries = 6, Layers = 2, Heads = 4, FeedForward = 32 },
    };

    private static readonly TrainingGraph Step =
        new SourceGraph(new MaskFormer(Tiny, 3), new CriterionConfig { Points = 64 }, new StepShape(2, 64, 96, 3)).Whole();

    // Single precision, sums of up to 1,500 terms in another order: seen 4e-6 of a tensor's largest element.
    [Fact]
    public void Gradients_ByOurKernelsAndByTheirLowerings_Agree()
        => AssertClose(Run(new SessionSettings()), Run(new SessionSettings { UseCustomOps = false }), 1e-4);

    [Fact]
    public void Gradients_WithAndWithoutTheRuntimesRewriting_Agree()
        => AssertClose(Run(new SessionSettings()), Run(new SessionSettings { Optimize = false }), 1e-4);

    [Fact]
    public void Gradients_OnOneThreadAndOnTwo_HaveTheSameBits()
        => AssertClose(Run(new SessionSettings { Threads = 1 }), Run(new SessionSettings { Threads = 2 }), 0);

    [Fact]
    public void Graph_OfATrainedEncoder_HasAGradientForEveryParameter()
    {
        HashSet<string> outputs = [.. Step.Graph.Outputs.Select(output => output.Name)];
        Assert.All(Step.Trained, parameter => Assert.Contains(TrainingGraph.GradientOf(parameter.Name), outputs));
        Assert.Contains(Step.Trained, parameter => parameter.Name.StartsWith(MaskFormer.EncoderScope, StringComparison.Ordinal));
    }

    private static Dictionary<string, float[]> Run(SessionSettings settings)
    {
        using GraphSession session = SessionFactory.Create(OnnxModel.Write(Step.Graph), settings);
        foreach (Value input in Step.Graph.Inputs)
        {
            Feed(session, input);
        }

        foreach (Parameter parameter in Step.Trained)
        {
            session.Bind<float>(parameter.Name, parameter.Initialize(7), parameter.Shape.Sizes);
        }

        Dictionary<string, float[]> outputs = [];
        foreach ((string name, Value value) in Step.Graph.Outputs)
        {
            session.Bind<float>(name, outputs[name] = new float[value.Shape.ElementCount], value.Shape.Sizes);
        }

        session.Run();
        return outputs;
    }

    // The first image has classes 0, 1 and 2 in vertical stripes, the second class 1 in its upper half.
    private static void Feed(GraphSession session, Value input)
    {
        long[] sizes = input.Shape.Sizes;
        switch (input.Name)
        {
            case "target.labels":
                session.Bind<long>(input.Name, new long[] { 0, 1, 2, 1, 0, 0 }, sizes);
                break;
            case "target.valid":
                session.Bind<float>(input.Name, new float[] { 1, 1, 1, 1, 0, 0 }, sizes);
                break;
            case "target.masks":
                session.Bind<byte>(input.Name, Masks(), sizes);
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

    private static byte[] Masks()
    {
        byte[] masks = new byte[6 * 64 * 96];
        for (int i = 0; i < 64 * 96; i++)
        {
            masks[(i % 96 / 32 * 64 * 96) + i] = 1;
            masks[(3 * 64 * 96) + i] = (byte)(i < 32 * 96 ? 1 : 0);
        }

        return masks;
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
