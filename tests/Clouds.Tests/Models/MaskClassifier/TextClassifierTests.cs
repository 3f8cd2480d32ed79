using Clouds.Graph.Building;
using Clouds.Models.Layers;
using Clouds.Models.MaskClassifier;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.MaskClassifier;

/// <summary>FC-CLIP's classifier beyond its golden cases.</summary>
[Kind(TestKind.Fast)]
public sealed class TextClassifierTests
{
    [Fact]
    public void Gradients_ThroughTheClassifier_FollowDifferencesOfTheForwardPass() =>
        new NetworkGradients(promote: true).Assert(g =>
        {
            TextRows rows = TextRows.Of(g, g.Input("bank", ElementType.Float, [5, 4]), [1, 3]);
            Value masks = g.Constant([1, -1, 2, 3, -1, -2, -3, -4], 1, 2, 4);
            Value queries = g.Input("queries", ElementType.Float, [1, 2, 6]);
            return new TextClassifier(rows).Build(g, queries, g.Input("features", ElementType.Float, [1, 3, 2, 2]), masks);
        });

    [Fact]
    public void Logits_SeveralNamesOfAClass_TheBestStandsForIt()
    {
        GraphBuilder g = new("logits");
        TextRows rows = TextRows.Of(g, g.Constant([1, 0, 0, 1, 0.6f, 0.8f, -1, 0], 4, 2), [1, 2]);
        g.Output("y", rows.Logits(g, g.Constant([5, 0, 0, 0.1f], 1, 2, 2), g.Constant(0f)));
        Assert.Equal([1, 0.6f, -1, 0, 1, 0], GraphRun.Once(g)["y"].Floats, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Logits_ScaleAboveAHundred_IsCut()
    {
        GraphBuilder g = new("logits");
        TextRows rows = TextRows.Of(g, g.Constant([1, 0, 0, 1], 2, 2), [1]);
        g.Output("y", rows.Logits(g, g.Constant([3, 0], 1, 1, 2), g.Constant(7f)));
        Assert.Equal([100, 0], GraphRun.Once(g)["y"].Floats, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Pooling_MaskThatIsNowhere_IsZero()
    {
        GraphBuilder g = new("pooling");
        Value inside = MaskPooling.Inside(g, g.Constant([-1, -2, 0, -1, 1, -1, 3, -1], 1, 2, 4));
        g.Output("y", MaskPooling.Mean(g, g.Constant([1, 2, 3, 4], 1, 1, 2, 2), inside));
        Assert.Equal([0, 2], GraphRun.Once(g)["y"].Floats);
    }
}
