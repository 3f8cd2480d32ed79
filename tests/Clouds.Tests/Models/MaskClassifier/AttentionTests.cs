using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Models.MaskClassifier;

/// <summary>Acceptance checks 3 and 4 of the method.</summary>
[Kind(TestKind.Fast)]
public sealed class AttentionTests
{
    [Fact]
    public void RingOffsets_OfEveryHead_ReachTheRimOfTheUnitSquare()
    {
        float[] offsets = PixelDecoder.RingOffsets(8, 3, 4);
        for (int sample = 0; sample < 8 * 12; sample++)
        {
            float reach = Math.Max(Math.Abs(offsets[2 * sample]), Math.Abs(offsets[(2 * sample) + 1]));
            Assert.Equal((sample % 4) + 1, reach, 1e-5);
        }
    }

    [Fact]
    public void DeformableAttention_WithItsStartWeights_IsTheMeanOfTwelveRingSamples()
    {
        const int Heads = 8;
        long[] levels = [4, 6, 8, 12, 16, 24];
        const int Rows = 24 + 96 + 384;
        float[] value = Random("value", Rows * Heads);
        float[] reference = SamplingGrid.ReferencePoints(levels);
        float[] ring = PixelDecoder.RingOffsets(Heads, 3, 4);
        float[] locations = new float[Rows * Heads * 24];
        for (int i = 0; i < locations.Length; i++)
        {
            int axis = i % 2;
            long extent = levels[(2 * (i / 8 % 3)) + 1 - axis];
            locations[i] = reference[(i / (Heads * 24) * 2) + axis] + (ring[i % (Heads * 24)] / extent);
        }

        GraphBuilder g = new("attention");
        Value attended = g.MsDeformAttn(g.Constant(value, 1, Rows, Heads, 1), g.Constant(locations, 1, Rows, Heads, 3, 4, 2),
            g.Constant([.. Enumerable.Repeat(1f / 12, Rows * Heads * 12)], 1, Rows, Heads, 3, 4), levels);
        g.Output("y", attended);
        float[] y = Run(g, "y", Rows * Heads, [1, Rows, Heads]);
        foreach (int row in new[] { 0, 30, 200, Rows - 1 })
        {
            for (int head = 0; head < Heads; head++)
            {
                Assert.Equal(MeanOfSamples(value, levels, locations.AsSpan(((row * Heads) + head) * 24, 24), head, Heads), y[(row * Heads) + head], 1e-5);
            }
        }
    }

    [Fact]
    public void MaskedAttention_OfAQueryThatMayLookNowhere_LooksEverywhere()
    {
        float[] blocked = ClassLogitsWithMaskLogit(-10);
        float[] open = ClassLogitsWithMaskLogit(10);
        Assert.Equal(open, blocked);
    }

    // Mask features are 1 in each of 8 channels and every mask embedding is the bias alone, so all mask logits are alike.
    private static float[] ClassLogitsWithMaskLogit(float logit)
    {
        TransformerDecoderConfig config = new() { Width = 8, MaskWidth = 8, Queries = 3, Layers = 3, Heads = 2, FeedForward = 16 };
        GraphBuilder g = new("decoder");
        Value features = g.Constant([.. Enumerable.Repeat(1f, 8 * 64)], 1, 8, 8, 8);
        Value[] levels = [.. new[] { 1, 2, 4 }.Select(side => g.Constant(Random($"level{side}", 8 * side * side), 1, 8, side, side))];
        IReadOnlyList<Prediction> predictions = new TransformerDecoder(config, 2).Build(g, new PixelDecoderOutput(features, levels));
        g.Output("logits", predictions[^1].ClassLogits);
        Dictionary<string, object> weights = g.Parameters.ToDictionary(p => p.Name, p => (object)Literal.Of(p.Initialize(5), p.Shape.Sizes));
        weights["mask_embed.layers.2.weight"] = Literal.Of(new float[64], 8, 8);
        weights["mask_embed.layers.2.bias"] = Literal.Of([.. Enumerable.Repeat(logit / 8, 8)], 8);
        return Run(g, "logits", 9, [1, 3, 3], weights);
    }

    private static double MeanOfSamples(float[] value, long[] levels, ReadOnlySpan<float> locations, int head, int heads)
    {
        double sum = 0;
        long first = 0;
        for (int level = 0; level < 3; level++)
        {
            (long height, long width) = (levels[2 * level], levels[(2 * level) + 1]);
            for (int point = 0; point < 4; point++)
            {
                int at = ((level * 4) + point) * 2;
                sum += Bilinear(value, first, height, width, (locations[at] * width) - 0.5, (locations[at + 1] * height) - 0.5, head, heads);
            }

            first += height * width;
        }

        return sum / 12;
    }

    private static double Bilinear(float[] value, long first, long height, long width, double x, double y, int head, int heads)
    {
        double sum = 0;
        for (long row = (long)Math.Floor(y); row <= (long)Math.Floor(y) + 1; row++)
        {
            for (long column = (long)Math.Floor(x); column <= (long)Math.Floor(x) + 1; column++)
            {
                bool inside = row >= 0 && row < height && column >= 0 && column < width;
                double weight = (1 - Math.Abs(x - column)) * (1 - Math.Abs(y - row));
                sum += inside ? weight * value[((first + (row * width) + column) * heads) + head] : 0;
            }
        }

        return sum;
    }

    private static float[] Random(string purpose, int count)
    {
        float[] values = new float[count];
        new Clouds.Graph.Randomness.RandomStream(3, purpose).Fill(values);
        return values;
    }

    private static float[] Run(GraphBuilder g, string output, int count, long[] shape, IReadOnlyDictionary<string, object>? weights = null)
    {
        using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g, weights), new SessionSettings { Threads = 1 });
        float[] result = new float[count];
        session.Bind<float>(output, result, shape);
        session.Run();
        return result;
    }
}
