using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Models.Diffusion;
using Clouds.Tests.Graph;
using Clouds.Training.Diffusion;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>Loss values and gradients against a plain computation.</summary>
[Kind(TestKind.Fast)]
public sealed class AutoencoderLossTests
{
    private const int Images = 2, Height = 3, Width = 4, Values = 3 * Height * Width, Latents = 5;

    // Single precision: some 100 terms.
    private const double Tolerance = 1e-5;

    public static TheoryData<AutoencoderTrainingConfig> Configs =>
    [
        new AutoencoderTrainingConfig(),
        new AutoencoderTrainingConfig { DivergenceWeight = 3 },
        new AutoencoderTrainingConfig { AbsoluteWeight = 0, SquareWeight = 0.7, DivergenceWeight = 0.5 },
        new AutoencoderTrainingConfig { AbsoluteWeight = 2, SquareWeight = 3, EdgeWeight = 1.5 },
    ];

    [Theory]
    [MemberData(nameof(Configs), DisableDiscoveryEnumeration = true)]
    public void Build_RandomAnswers_GivesTheOraclesLossAndGradients(AutoencoderTrainingConfig config)
    {
        double[] image = Draw("image", Images * Values), answer = Draw("answer", Images * Values);
        double[] mean = Draw("mean", Images * Latents), spread = Draw("spread", Images * Latents);
        Dictionary<string, TestTensor> found = Run(config, image, answer, mean, spread);
        Assert.Equal(Loss(config, image, answer, mean, spread), found["loss"].Doubles[0], Tolerance);
        Slopes.Assert(answer, found["gradient of answer"].Doubles, moved => Loss(config, image, moved, mean, spread), Tolerance);
        Slopes.Assert(mean, found["gradient of mean"].Doubles, moved => Loss(config, image, answer, moved, spread), Tolerance);
        Slopes.Assert(spread, found["gradient of spread"].Doubles, moved => Loss(config, image, answer, mean, moved), Tolerance);
    }

    [Fact]
    public void Build_TheImageItselfFromStandardNormalLatents_CostsNothing()
    {
        double[] image = Draw("image", Images * Values), zero = new double[Images * Latents];
        Assert.Equal(0, Run(new() { DivergenceWeight = 3, EdgeWeight = 1 }, image, image, zero, zero)["loss"].Doubles[0], 1e-7);
    }

    [Fact]
    public void Sample_IsTheMeanAndDeviationsOfNoise()
    {
        GraphBuilder g = new("sample");
        Value In(string name) => g.Input(name, ElementType.Float, [3]);
        g.Output("latents", AutoencoderLoss.Sample(g, new LatentDistribution(In("mean"), In("spread")), In("noise")));
        float[] latents = GraphRun.Once(g, ("mean", TestTensor.Of([1, 2, 3], 3)), ("spread", TestTensor.Of([0, MathF.Log(4), MathF.Log(9)], 3)),
            ("noise", TestTensor.Of([0.5f, -1, 2], 3)))["latents"].Floats;
        Assert.Equal([1.5f, 0, 9], latents.Select(latent => MathF.Round(latent, 5)));
    }

    private static double[] Draw(string name, int count)
    {
        RandomStream random = new(5, name);
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)random.NextDouble(-1, 1))];
    }

    private static double Loss(AutoencoderTrainingConfig config, double[] image, double[] answer, double[] mean, double[] spread)
    {
        double[] error = [.. answer.Zip(image, (a, b) => a - b)];
        double divergence = mean.Zip(spread, (m, s) => ((m * m) + Math.Exp(s) - 1 - s) / 2).Sum() / Images;
        double right = Enumerable.Range(0, error.Length).Where(i => i % Width > 0).Average(i => Math.Abs(error[i] - error[i - 1]));
        double down = Enumerable.Range(0, error.Length).Where(i => i / Width % Height > 0).Average(i => Math.Abs(error[i] - error[i - Width]));
        return (config.AbsoluteWeight * error.Average(Math.Abs)) + (config.SquareWeight * error.Average(e => e * e))
            + (config.EdgeWeight * (right + down)) + (config.DivergenceWeight * divergence / Values);
    }

    private static Dictionary<string, TestTensor> Run(AutoencoderTrainingConfig config, double[] image, double[] answer, double[] mean, double[] spread)
    {
        GraphBuilder g = new("autoencoder loss");
        long[] pixels = [Images, 3, Height, Width], latent = [Images, Latents, 1, 1];
        Value truth = g.Input("image", ElementType.Float, Shape.Of(pixels)), said = g.Input("answer", ElementType.Float, Shape.Of(pixels));
        Value middle = g.Input("mean", ElementType.Float, Shape.Of(latent)), width = g.Input("spread", ElementType.Float, Shape.Of(latent));
        Value loss = new AutoencoderLoss(config).Build(g, truth, new LatentDistribution(middle, width), said).Total;
        g.Output("loss", loss);
        foreach ((string name, Value gradient) in new[] { "answer", "mean", "spread" }.Zip(Gradients.Of(g, loss, [said, middle, width])))
        {
            g.Output($"gradient of {name}", gradient);
        }

        TestTensor Tensor(double[] values, long[] sizes) => TestTensor.Of(Array.ConvertAll(values, value => (float)value), sizes);
        return GraphRun.Once(
            g, ("image", Tensor(image, pixels)), ("answer", Tensor(answer, pixels)), ("mean", Tensor(mean, latent)), ("spread", Tensor(spread, latent)));
    }
}
