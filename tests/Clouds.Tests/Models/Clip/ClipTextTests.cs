using Clouds.Graph.Building;
using Clouds.Models.Clip;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Clip;

/// <summary>CLIP's text tower beyond its golden cases.</summary>
[Kind(TestKind.Fast)]
public sealed class ClipTextTests
{
    private static readonly ClipTextConfig Tiny = new() { Width = 6, Heads = 2, Layers = 2, Context = 5, Vocabulary = 9 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_ThroughTheTower_FollowDifferencesOfTheForwardPass(bool quick) =>
        new NetworkGradients(promote: quick).Assert(
            g => new ClipText(Tiny with { QuickGelu = quick }, 4).Build(g, g.Input("tokens", ElementType.Int64, [3, 5])),
            ("tokens", Tokens(7, 1, 8, 0, 0, 7, 2, 3, 4, 8, 7, 8, 0, 0, 0)));

    [Fact]
    public void Build_BatchOfAnySize_EmbedsEachTextAsItDoesAlone()
    {
        GraphBuilder g = new("text");
        g.Output("y", new ClipText(Tiny, 4).Build(g, g.Input("tokens", ElementType.Int64, ["N", 5])));
        (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(p.Initialize(1), p.Shape.Sizes)))];
        using GraphRun run = new(g);
        float[] both = run.Run([("tokens", Tokens(7, 1, 8, 0, 0, 7, 2, 3, 4, 8)), .. weights])["y"].Floats;
        float[] second = run.Run([("tokens", Tokens(7, 2, 3, 4, 8)), .. weights])["y"].Floats;
        Assert.Equal(second, both[4..], (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Build_TokensBehindTheEnd_ChangeNothing()
    {
        GraphBuilder g = new("text");
        g.Output("y", new ClipText(Tiny, 4).Build(g, g.Input("tokens", ElementType.Int64, [2, 5])));
        (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(p.Initialize(1), p.Shape.Sizes)))];
        float[] y = GraphRun.Once(g, [("tokens", Tokens(7, 1, 8, 0, 0, 7, 1, 8, 5, 6)), .. weights])["y"].Floats;
        Assert.Equal(y[..4], y[4..]);
    }

    private static TestTensor Tokens(params long[] ids) => TestTensor.OfIntegers(ids, ids.Length / 5, 5);
}
