using Clouds.Graph.Building;
using Clouds.Models.Llama;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Llama;

/// <summary>Llama's gradients, and positions in contexts that were made longer.</summary>
[Kind(TestKind.Fast)]
public sealed class LlamaNetworkTests
{
    private static readonly LlamaConfig Tiny = new()
    {
        Width = 8, Layers = 2, Heads = 4, KeyValueHeads = 2, FeedForward = 12, Vocabulary = 9, Context = 6, Epsilon = 1e-3f,
    };

    [Theory]
    [InlineData(2, false)]
    [InlineData(4, true)]
    public void Llama_WithSharedHeadsOrTiedEmbeddings_FollowsDifferences(int keyValueHeads, bool tied) => new NetworkGradients(promote: false).Assert(
        g => new LlamaNetwork(Tiny with { KeyValueHeads = keyValueHeads, TiedEmbeddings = tied }).Build(g, g.Input("tokens", ElementType.Int64, [2, 5])),
        ("tokens", TestTensor.OfIntegers([0, 1, 2, 3, 4, 5, 6, 7, 8, 0], 2, 5)));

    [Fact]
    public void Llama_WithTiedEmbeddings_HasNoLastLayerOfItsOwn()
    {
        GraphBuilder g = new("llama");
        new LlamaNetwork(Tiny with { TiedEmbeddings = true }).Build(g, g.Input("tokens", ElementType.Int64, [1, 2]));
        Assert.DoesNotContain(g.Parameters, parameter => parameter.Name == "lm_head.weight");
    }

    // Llama 3.1's factors: waves of more than 8192 tokens are 8 times as long, those of fewer than 2048 stay.
    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(2 * Math.PI / 2000, 2 * Math.PI / 2000)]
    [InlineData(2 * Math.PI / 9000, 2 * Math.PI / 72000)]
    [InlineData(2 * Math.PI / 4096, (2 * Math.PI / 4096) * ((1.0 / 3) + (2.0 / 3 / 8)))]
    public void RopeScaling_OfLlama3_SlowsLongWavesOnly(double frequency, double expected) => Assert.Equal(1, Turned(frequency) / expected, 5);

    // The angle by which position 1 turns the only pair of a head, read off the graph's constants.
    private static double Turned(double frequency)
    {
        GraphBuilder g = new("table");
        LlamaConfig config = Tiny with { Width = 4, Heads = 1, KeyValueHeads = 1, RopeTheta = 1 / (frequency * frequency), RopeScaling = new() };
        new LlamaNetwork(config).Build(g, g.Input("tokens", ElementType.Int64, [1, 2]));
        Value sines = g.Constants.Single(constant => constant.Shape.Equals([2, 2]) && constant.Literal!.Floats is [0, 0, ..]);
        return Math.Asin(sines.Literal!.Floats[3]);
    }
}
