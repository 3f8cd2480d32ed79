using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Images;
using Clouds.Tests.Graph;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Diffusion;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>Latents of images, drawn as a training draws them.</summary>
internal static class LatentStatistics
{
    // 2,000 draws for each latent: the mean of their squares is right to a thousandth.
    private const int Draws = 2000;

    /// <summary>Their standard deviation.</summary>
    public static double Deviation(string weights, AutoencoderTrainingConfig config, IImageSet data)
    {
        GraphBuilder g = new("latents");
        LatentDistribution latents = new Autoencoder(config.Network).Encode(g, g.Input("image", ElementType.Float, [1, 3, config.Height, config.Width]));
        g.Output("mean", latents.Mean);
        g.Output("spread", latents.LogVariance);
        using WeightSource source = WeightSource.Open(weights);
        (string, TestTensor)[] parameters = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(source.ReadFloats(p.Name), p.Shape.Sizes)))];
        RandomStream random = new(3, "latents");
        List<double> drawn = [];
        for (int image = 0; image < data.Count; image++)
        {
            RgbImage crop = new ImageFrame(config.Width, config.Height).Crop(data.LoadImage(image), random: null);
            int pixels = crop.Pixels.Length / 3;
            float[] planes = [.. Enumerable.Range(0, 3 * pixels).Select(i => (crop.Pixels[(3 * (i % pixels)) + (i / pixels)] / 127.5f) - 1)];
            Dictionary<string, TestTensor> found = GraphRun.Once(g, [("image", TestTensor.Of(planes, 1, 3, config.Height, config.Width)), .. parameters]);
            foreach ((double mean, double spread) in found["mean"].Doubles.Zip(found["spread"].Doubles))
            {
                drawn.AddRange(Enumerable.Range(0, Draws).Select(_ => mean + (Math.Exp(spread / 2) * random.NextNormal())));
            }
        }

        double middle = drawn.Average();
        return Math.Sqrt(drawn.Average(latent => (latent - middle) * (latent - middle)));
    }
}
