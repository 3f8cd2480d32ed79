using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Training.Validation;

/// <summary>Pictures of a validation: the best images, the worst, and two that are the same at every validation. Each is image, labels, answer.</summary>
/// <param name="segmenter">What was validated.</param>
/// <param name="data">The set.</param>
/// <param name="result">Its scores.</param>
internal sealed class ValidationPictures(Segmenter segmenter, IDataset data, EvaluationResult result)
{
    private const int Extremes = 3;
    private const int Width = 320;
    private const int Gap = 4;

    /// <summary>The set as a validation's record has it.</summary>
    public ValidatedSet Record(CancellationToken cancellation)
    {
        ImageScore[] ranked = [.. result.Images.Where(image => image.MeanIou is not null).OrderByDescending(image => image.MeanIou)];
        string[] steady = [.. new[] { 0, data.Count / 2 }.Distinct().Select(data.SampleName)];
        HashSet<string> shown = [.. ranked.Take(Extremes).Concat(ranked.TakeLast(Extremes)).Select(image => image.Name), .. steady];
        Dictionary<string, int> places = Enumerable.Range(0, data.Count).ToDictionary(data.SampleName);
        return new ValidatedSet(data.Name, data.Classes.Names, result.Counts.Matrix.Counts.ToArray(),
            [.. result.Images.Select(Image)]);

        ValidatedImage Image(ImageScore image) => new(
            image.Name, image.MeanIou, shown.Contains(image.Name) ? Picture(places[image.Name], cancellation) : null, steady.Contains(image.Name));
    }

    private byte[] Picture(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Sample sample = data.Load(index);
        SegmentationResult answer = segmenter.Segment(sample.Image, cancellation: cancellation);
        RgbImage labels = LabelPainter.Colours(sample.Labels, data.Classes.Colours);
        RgbImage answered = LabelPainter.Colours(new LabelMap(answer.Width, answer.Height, answer.Labels), data.Classes.Colours);
        int height = Math.Max(1, (int)((long)Width * sample.Image.Height / sample.Image.Width));
        return ImageFile.EncodePng(Beside([.. new[] { sample.Image, labels, answered }.Select(image => PillowResize.Bilinear(image, Width, height))]));
    }

    private static RgbImage Beside(IReadOnlyList<RgbImage> images)
    {
        RgbImage whole = new((images.Count * (Width + Gap)) - Gap, images[0].Height);
        foreach ((int place, RgbImage image) in images.Index())
        {
            for (int y = 0; y < image.Height; y++)
            {
                image.Pixels.AsSpan(3 * y * Width, 3 * Width).CopyTo(whole.Pixels.AsSpan(3 * ((y * whole.Width) + (place * (Width + Gap)))));
            }
        }

        return whole;
    }
}
