using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.MaskClassifier;

/// <summary>The geometric ensemble beyond its golden cases.</summary>
[Kind(TestKind.Fast)]
public sealed class GeometricEnsembleTests
{
    private static readonly float[] Logits = [2, -1, 0.5f, 0, 3, 1];

    [Theory]
    [InlineData(1f, Choice.Off, 0.0)]
    [InlineData(-1f, Choice.On, 0.4)]
    public void Build_ClipHasNoSay_LeavesTheProbabilitiesAsTheyAre(float mask, Choice onValid, double alpha)
    {
        float[] answer = Run(new EnsembleConfig { Alpha = alpha, OnValidMask = onValid }, mask, null);
        Assert.Equal(Softmax(Logits), [.. answer.Select(MathF.Exp)], (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Build_ClassesBeyondTheTrainingVocabulary_ListenMoreToClip()
    {
        float[] known = Run(new EnsembleConfig(), 1, null);
        float[] unknown = Run(new EnsembleConfig(), 1, [false, false]);
        float[] alike = Run(new EnsembleConfig { Alpha = 0.8 }, 1, null);
        Assert.Equal(alike, unknown);
        Assert.NotEqual(known, unknown);
    }

    [Fact]
    public void Build_EmptyMaskInAConvNeXt_IsFiniteWhateverIsAsked() =>
        Assert.All(
            Enum.GetValues<Choice>().SelectMany(onValid => Run(new EnsembleConfig { OnValidMask = onValid }, -1, null)), x => Assert.True(float.IsFinite(x)));

    private static float[] Run(EnsembleConfig config, float mask, bool[]? seen)
    {
        ConvNeXt encoder = new(new ConvNeXtConfig { Embedding = 3 });
        GraphBuilder g = new("ensemble");
        TextRows rows = TextRows.Of(g, g.Constant([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 3), [1, 1]);
        Value c5 = g.Constant([.. Enumerable.Range(0, 16).Select(i => (float)Math.Sin(i))], 1, 4, 2, 2);
        Value masks = g.Constant([.. Enumerable.Repeat(mask, 32)], 1, 2, 4, 4);
        g.Output("y", new GeometricEnsemble(config, encoder, rows, seen).Build(g, g.Constant(Logits, 1, 2, 3), masks, c5, g.Constant(2f)));
        return GraphRun.Once(g, [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(p.Initialize(1), p.Shape.Sizes)))])["y"].Floats;
    }

    private static float[] Softmax(float[] logits) =>
        [.. logits.Chunk(3).SelectMany(row => row.Select(x => MathF.Exp(x) / row.Sum(MathF.Exp)))];
}
