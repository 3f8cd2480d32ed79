using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Diffusion;

/// <summary>
/// What latents are multiplied with, so that the denoiser sees them with variance 1: one over their standard deviation (Rombach et al. 2022, appendix G:
/// estimated from the first batch).
/// </summary>
internal static class LatentScale
{
    // Each image has hundreds of latents.
    private const int MostImages = 64;

    /// <summary>Measures it on the middles of the first images.</summary>
    /// <param name="weights">File of the autoencoder.</param>
    /// <param name="config">Its sizes, and those of the images.</param>
    /// <param name="data">Images.</param>
    /// <param name="device">Where the encoder runs; borrowed.</param>
    /// <param name="threads">Processor threads; 0: one a processor.</param>
    public static double Measure(string weights, AutoencoderTrainingConfig config, IImageSet data, Device device, int threads)
    {
        GraphBuilder g = new("latents");
        Value image = g.Input("image", ElementType.Float, [1, 3, config.Height, config.Width]);
        LatentDistribution latents = new Autoencoder(config.Network).Encode(g, image);
        g.Output("mean", latents.Mean);
        g.Output("variance", g.Exp(latents.LogVariance));
        using SharedWeights shared = new(FrozenWeights.Open(weights, g.Parameters));
        SessionSettings settings = new() { Threads = threads, Weights = shared };
        using GraphSession session = device.CreateSession(OnnxModel.Write(g, shared.Weights.Elements), settings);
        float[] planes = new float[image.Shape.ElementCount], mean = new float[latents.Mean.Shape.ElementCount], variance = new float[mean.Length];
        session.Bind<float>("image", planes, image.Shape.Sizes);
        session.Bind<float>("mean", mean, latents.Mean.Shape.Sizes);
        session.Bind<float>("variance", variance, latents.Mean.Shape.Sizes);
        (double sum, double squares, int images) = (0, 0, Math.Min(MostImages, data.Count));
        for (int i = 0; i < images; i++)
        {
            RgbImage crop = new ImageFrame(config.Width, config.Height).Crop(data.LoadImage(i), random: null);
            SignedColours.Write(crop, planes, config.Width, config.Height);
            session.Run();
            sum += mean.Sum(value => (double)value);
            squares += mean.Zip(variance, (value, spread) => ((double)value * value) + spread).Sum();
        }

        double count = (double)images * mean.Length;
        return 1 / Math.Sqrt(Math.Max((squares / count) - (sum / count * (sum / count)), double.Epsilon));
    }
}
