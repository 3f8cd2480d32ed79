using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Tests.Graph;
using Clouds.Training.Contrastive;

namespace Clouds.Tests.Training.Contrastive;

/// <summary>Loss values and gradients against a plain computation.</summary>
[Kind(TestKind.Fast)]
public sealed class ContrastiveLossTests
{
    private const int Pairs = 5, Width = 4;

    // Single precision: cosines of 1e-7, times a scale of at most 14.
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("a b c d e", 1.5)]
    [InlineData("a b a d a", 2.6)]
    [InlineData("a a a a a", 0)]
    public void Build_RandomEmbeddings_GivesTheOraclesLossAndGradients(string captions, double logScale)
    {
        string[] words = captions.Split(' ');
        (double[] images, double[] texts) = (Draw(1), Draw(2));
        Dictionary<string, TestTensor> found = Run(words, images, texts, logScale);
        Assert.Equal(Loss(words, images, texts, logScale), found["loss"].Doubles[0], Tolerance);
        Slopes.Assert(images, found["gradient of images"].Doubles, moved => Loss(words, moved, texts, logScale), Tolerance);
        Slopes.Assert(texts, found["gradient of texts"].Doubles, moved => Loss(words, images, moved, logScale), Tolerance);
        Slopes.Assert([logScale], found["gradient of scale"].Doubles, moved => Loss(words, images, texts, moved[0]), Tolerance);
    }

    [Fact]
    public void Build_ScaleBeyondTheLargest_StaysAtIt()
    {
        Dictionary<string, TestTensor> found = Run([.. "abcde".Select(letter => $"{letter}")], Draw(1), Draw(2), logScale: 9);
        Assert.Equal(100, found["scale"].Doubles[0], 1e-4);
        Assert.Equal(0, found["gradient of scale"].Doubles[0]);
    }

    [Fact]
    public void Found_IsTheShareOfImagesWhoseMostSimilarTextIsTheirOwnOrEqualToIt()
    {
        double[] images = [.. Enumerable.Range(0, Pairs * Width).Select(i => i % Width == i / Width % 4 ? 1.0 : 0)];
        double[] texts = [.. images[(3 * Width)..], .. images[..(3 * Width)]];
        Assert.Equal(0, Run(["a", "b", "c", "d", "e"], images, texts, 2)["found"].Doubles[0]);
        Assert.Equal(1, Run(["a", "b", "c", "d", "a"], images, images, 2)["found"].Doubles[0], 1e-6);
    }

    private static double[] Draw(ulong seed)
    {
        RandomStream random = new(seed, "contrastive loss");
        return [.. Enumerable.Range(0, Pairs * Width).Select(_ => (double)(float)random.NextDouble(-1, 1))];
    }

    // Radford et al. 2021, figure 3, a row a text at a time; equal captions share the 1.
    private static double Loss(string[] captions, double[] images, double[] texts, double logScale)
    {
        double Cosine(int i, int j)
        {
            double[] a = images[(i * Width)..((i + 1) * Width)], b = texts[(j * Width)..((j + 1) * Width)];
            return a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
        }

        double scale = Math.Min(Math.Exp(logScale), 100);
        double Entropy(int own, Func<int, double> logit)
        {
            double norm = Math.Log(Enumerable.Range(0, Pairs).Sum(other => Math.Exp(logit(other))));
            int[] right = [.. Enumerable.Range(0, Pairs).Where(other => captions[other] == captions[own])];
            return right.Average(other => norm - logit(other));
        }

        return Enumerable.Range(0, Pairs).Average(i => (Entropy(i, j => scale * Cosine(i, j)) + Entropy(i, j => scale * Cosine(j, i))) / 2);
    }

    private static Dictionary<string, TestTensor> Run(string[] captions, double[] images, double[] texts, double logScale)
    {
        GraphBuilder g = new("contrastive loss");
        Value left = g.Input("images", ElementType.Float, [Pairs, Width]), right = g.Input("texts", ElementType.Float, [Pairs, Width]);
        Value scale = g.Input("scale", ElementType.Float, []);
        ContrastiveTerms terms = new ContrastiveLoss(100).Build(g, left, right, scale, g.Input("partners", ElementType.Float, [Pairs, Pairs]));
        g.Output("loss", terms.Total);
        g.Output("found", terms.Found);
        g.Output("scale of all", terms.Scale);
        foreach ((string name, Value gradient) in new[] { "images", "texts", "scale" }.Zip(Gradients.Of(g, terms.Total, [left, right, scale])))
        {
            g.Output($"gradient of {name}", gradient);
        }

        float[] partners = new float[Pairs * Pairs];
        ContrastiveTraining.FillPartners(captions, partners);
        TestTensor Tensor(double[] values, params long[] sizes) => TestTensor.Of(Array.ConvertAll(values, value => (float)value), sizes);
        Dictionary<string, TestTensor> found = GraphRun.Once(g, ("images", Tensor(images, Pairs, Width)), ("texts", Tensor(texts, Pairs, Width)),
            ("scale", Tensor([logScale])), ("partners", TestTensor.Of(partners, Pairs, Pairs)));
        found["scale"] = found["scale of all"];
        return found;
    }
}
