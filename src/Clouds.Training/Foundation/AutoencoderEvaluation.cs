using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>Measures the autoencoder of a latent diffusion on images: how alike they are to what comes back from the means of their latents.</summary>
public static class AutoencoderEvaluation
{
    private const int Strength = 4;

    private static readonly string[] Columns = ["original", "what comes back", $"difference, {Strength} times"];

    /// <summary>Says images again, one at a time, at their own size, but for the rest over the autoencoder's multiple, which is cut off.</summary>
    /// <param name="autoencoder">The autoencoder; stays the caller's.</param>
    /// <param name="data">The images.</param>
    /// <param name="heldOut">Which of them.</param>
    /// <param name="progress">Told after every image.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="CloudsException">BadInput: no image that can be read; as the autoencoder's otherwise.</exception>
    public static MeasuredModel Run(
        ImageAutoencoder autoencoder, IImageSet data, HeldOutData heldOut, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<int> indices = heldOut.Indices(data.Count);
        SampleReader reader = new(data.SampleName, heldOut.Reading);
        List<PictureQuality> qualities = [];
        List<SheetRow> rows = [];
        foreach ((string name, RgbImage image) in reader.Samples(indices, Load, cancellation))
        {
            RgbImage answer = autoencoder.Repeat(image, cancellation);
            qualities.Add(PictureQuality.Of(image, answer));
            rows.AddRange(rows.Count < PictureSheet.Usual ? [Row(name, image, answer, qualities[^1])] : []);
            progress?.Report(new ProgressReport("evaluate vae", qualities.Count + reader.LeftOut.Count, indices.Count));
        }

        ModelEvaluation evaluation = qualities.Count == 0 ? throw heldOut.NothingLeft(reader.LeftOut) : new()
        {
            Kind = "vae",
            Model = autoencoder.Name,
            Files = autoencoder.Files,
            Data = heldOut.Spec,
            Count = qualities.Count,
            Seed = heldOut.Seed,
            Measures = [.. Of(qualities)],
            LeftOut = reader.LeftOut,
        };
        return new MeasuredModel(evaluation, new PictureSheet(Columns, rows));

        Tuple<string, RgbImage> Load(int index)
        {
            RgbImage image = data.LoadImage(index);
            int Side(int side) => Math.Max(autoencoder.Multiple, side / autoencoder.Multiple * autoencoder.Multiple);
            return Tuple.Create(data.SampleName(index), new ImageFrame(Side(image.Width), Side(image.Height)).Crop(image, random: null));
        }
    }

    private static IEnumerable<Measure> Of(IReadOnlyList<PictureQuality> qualities) =>
    [
        new("psnr", "peak signal-to-noise ratio, mean over images", qualities.Average(quality => quality.SignalToNoise), MeasureKind.Decibels),
        new("ssim", "structural similarity", qualities.Average(quality => quality.Similarity), MeasureKind.Number),
        new("meanAbsoluteError", "mean absolute error, of levels 0 to 255", qualities.Average(quality => quality.AbsoluteError), MeasureKind.Number),
        new("worstPsnr", "lowest signal-to-noise ratio of an image", qualities.Min(quality => quality.SignalToNoise), MeasureKind.Decibels),
    ];

    private static SheetRow Row(string name, RgbImage image, RgbImage answer, PictureQuality quality) => new(
        string.Create(CultureInfo.InvariantCulture, $"{name}: {quality.SignalToNoise:0.00} dB, similarity {quality.Similarity:0.000}"),
        [.. ((RgbImage[])[image, answer, Difference(image, answer)]).Select(PictureSheet.Small)]);

    private static RgbImage Difference(RgbImage one, RgbImage other) => new(
        one.Width, one.Height, [.. one.Pixels.Zip(other.Pixels, (a, b) => (byte)Math.Min(byte.MaxValue, Strength * Math.Abs(a - b)))]);
}
