using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Sam;

/// <summary>Acceptance check 11 of the method: what is encoded of a point.</summary>
[Kind(TestKind.Fast)]
public sealed class PromptEncoderTests
{
    private const int Channels = 8;

    private static readonly SamConfig Config = new() { Encoder = new SamVitConfig { Channels = Channels } };

    [Theory]
    [InlineData(512, 512)]
    [InlineData(0, 1023)]
    [InlineData(341.5f, 7)]
    public void Points_OfTheFrame_AreEncodedHalfAPixelOnOverItsSide(float x, float y)
    {
        float[] frequencies = [0.3f, -1.1f, 2f, 0.05f, 0.7f, 1.3f, -0.4f, 0.9f];
        float[] inside = [1, 2, 3, 4, 5, 6, 7, 8];
        float[] found = Encode(frequencies, inside, x, y, PromptEncoder.Foreground);
        (double across, double down) = ((2 * (x + 0.5) / 1024) - 1, (2 * (y + 0.5) / 1024) - 1);
        for (int i = 0; i < Channels / 2; i++)
        {
            double angle = 2 * Math.PI * ((across * frequencies[i]) + (down * frequencies[4 + i]));

            // Angles of up to 20 in single precision.
            Assert.Equal(Math.Sin(angle) + inside[i], found[i], 1e-5);
            Assert.Equal(Math.Cos(angle) + inside[4 + i], found[4 + i], 1e-5);
        }
    }

    [Fact]
    public void Padding_WhereverItStands_IsItsVectorAlone()
    {
        float[] Padding(float x, float y) => Encode([1, 2, 3, 4, 5, 6, 7, 8], new float[Channels], x, y, PromptEncoder.Padding);
        Assert.Equal(Padding(3, 900), Padding(512, 1));
    }

    private static float[] Encode(float[] frequencies, float[] inside, float x, float y, long label)
    {
        GraphBuilder g = new("points");
        Value points = g.Input("points", ElementType.Float, [1, 1, 2]);
        g.Output("tokens", new PromptEncoder(Config).Points(g, points, g.Input("labels", ElementType.Int64, [1, 1])));
        IEnumerable<(string, TestTensor)> parameters = g.Parameters.Select(parameter => (parameter.Name, TestTensor.Of(
            parameter.Name.Contains("gaussian", StringComparison.Ordinal) ? frequencies
                : parameter.Name.Contains("embeddings.1", StringComparison.Ordinal) ? inside : new float[parameter.Shape.ElementCount],
            parameter.Shape.Sizes)));
        return GraphRun.Once(g, [("points", TestTensor.Of([x, y], 1, 1, 2)), ("labels", TestTensor.OfIntegers([label], 1, 1)), .. parameters])["tokens"].Floats;
    }
}
