using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Tests.Graph;
using Clouds.Training.Diffusion;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>Noised latents, targets and errors against a plain computation.</summary>
[Kind(TestKind.Fast)]
public sealed class NoisePredictionLossTests
{
    private const int Images = 4, Latents = 6, Times = 50;

    private static readonly long[] Drawn = [0, 7, 7, Times - 1];

    [Theory]
    [InlineData(Prediction.Epsilon)]
    [InlineData(Prediction.V)]
    public void Noise_LatentsOfSeveralTimes_AreThoseOfTheForwardProcess(Prediction prediction)
    {
        (float[] latents, float[] noise) = (Draw("latents"), Draw("noise"));
        Dictionary<string, TestTensor> found = Run(prediction, latents, noise, Draw("answer"));
        double[] left = Left();
        for (int i = 0; i < latents.Length; i++)
        {
            (double signal, double spread) = (Math.Sqrt(left[Drawn[i / Latents]]), Math.Sqrt(1 - left[Drawn[i / Latents]]));
            Assert.Equal((signal * latents[i]) + (spread * noise[i]), found["noisy"].Doubles[i], 1e-6);
            Assert.Equal(prediction == Prediction.Epsilon ? noise[i] : (signal * noise[i]) - (spread * latents[i]), found["target"].Doubles[i], 1e-6);
        }
    }

    // From v and noisy latents the image follows, whatever the time: x = sqrt(ᾱ) x_t - sqrt(1 - ᾱ) v (Salimans and Ho 2022, appendix D).
    [Fact]
    public void Noise_VTarget_LeadsBackToTheLatents()
    {
        float[] latents = Draw("latents");
        Dictionary<string, TestTensor> found = Run(Prediction.V, latents, Draw("noise"), Draw("answer"));
        double[] left = Left();
        for (int i = 0; i < latents.Length; i++)
        {
            double kept = left[Drawn[i / Latents]];
            Assert.Equal(latents[i], (Math.Sqrt(kept) * found["noisy"].Doubles[i]) - (Math.Sqrt(1 - kept) * found["target"].Doubles[i]), 1e-6);
        }
    }

    [Fact]
    public void Error_IsTheMeanOfSquares()
    {
        (float[] noise, float[] answer) = (Draw("noise"), Draw("answer"));
        double expected = noise.Zip(answer, (a, b) => (double)(a - b) * (a - b)).Average();
        Assert.Equal(expected, Run(Prediction.Epsilon, Draw("latents"), noise, answer)["loss"].Doubles[0], 1e-6);
    }

    // Variances between the squares of evenly spaced roots.
    private static double[] Left()
    {
        double product = 1;
        return [.. Enumerable.Range(0, Times).Select(t =>
        {
            double root = Math.Sqrt(0.001) + ((Math.Sqrt(0.2) - Math.Sqrt(0.001)) * t / (Times - 1));
            return product *= 1 - (root * root);
        })];
    }

    private static float[] Draw(string name)
    {
        RandomStream random = new(5, name);
        return [.. Enumerable.Range(0, Images * Latents).Select(_ => (float)random.NextNormal())];
    }

    private static Dictionary<string, TestTensor> Run(Prediction prediction, float[] latents, float[] noise, float[] answer)
    {
        GraphBuilder g = new("noise prediction");
        Value In(string name) => g.Input(name, ElementType.Float, [Images, 1, 2, 3]);
        NoisePredictionLoss loss = new(new NoiseSchedule(Times, 0.001, 0.2), prediction);
        NoisyLatents noised = loss.Noise(g, In("latents"), In("noise"), g.Input("times", ElementType.Int64, [Images]));
        g.Output("noisy", noised.Noisy);
        g.Output("target", noised.Target);
        g.Output("loss", NoisePredictionLoss.Error(g, In("answer"), noised.Target));
        TestTensor Tensor(float[] values) => TestTensor.Of(values, Images, 1, 2, 3);
        return GraphRun.Once(
            g, ("latents", Tensor(latents)), ("noise", Tensor(noise)), ("answer", Tensor(answer)), ("times", TestTensor.OfIntegers(Drawn, Images)));
    }
}
