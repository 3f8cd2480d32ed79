using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Clouds.Native.ImageSharp;

/// <summary>
/// A segmenter for ImageSharp's images. Pixels are copied both ways and never resampled, so the numbers are those of the same pixels in an
/// <see cref="RgbImage"/>. Whoever lets ImageSharp read JPEG files gets other pixels than <see cref="ImageFile"/> reads, by up to 31 of 255.
/// </summary>
public static class ImageSharpSegmentation
{
    /// <summary>Labels every pixel of an image.</summary>
    /// <param name="segmenter">The model.</param>
    /// <param name="image">Any size; of several frames the first. It stays the caller's.</param>
    /// <param name="withScores">Also return the class scores, 4 · classes bytes a pixel.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SegmentationResult Segment(
        this Segmenter segmenter, Image<Rgb24> image, bool withScores = false, CancellationToken cancellation = default) =>
        segmenter.Segment(image.ToRgbImage(), withScores, cancellation);

    /// <summary>The labels as a gray image whose values are the train ids, 0 .. number of classes - 1.</summary>
    /// <returns>A new image, the caller's to dispose.</returns>
    public static Image<L8> LabelImage(this SegmentationResult result) =>
        Image.LoadPixelData<L8>(Array.ConvertAll(result.Labels, id => (byte)id), result.Width, result.Height);

    /// <summary>Class colours mixed over the image that was labelled.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="image">The image, of the answer's size; it is not changed.</param>
    /// <param name="classes">The segmenter's classes.</param>
    /// <param name="opacity">Share of the class colour, 0..1.</param>
    /// <param name="borders">Whether the outline between classes is drawn, one pixel wide, in the full class colour.</param>
    /// <returns>A new image, the caller's to dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The image has another size than the answer.</exception>
    public static Image<Rgb24> Overlay(
        this SegmentationResult result, Image<Rgb24> image, ClassSet classes, double opacity = 0.5, bool borders = false)
    {
        LabelMap labels = new(result.Width, result.Height, result.Labels);
        return LabelPainter.Overlay(image.ToRgbImage(), labels, classes.Colours, opacity, borders).ToImageSharp();
    }

    /// <summary>Copies an ImageSharp image; of several frames the first.</summary>
    public static RgbImage ToRgbImage(this Image<Rgb24> image)
    {
        RgbImage copy = new(image.Width, image.Height);
        image.CopyPixelDataTo(copy.Pixels);
        return copy;
    }

    /// <summary>Copies an image to ImageSharp's form.</summary>
    /// <returns>A new image, the caller's to dispose.</returns>
    public static Image<Rgb24> ToImageSharp(this RgbImage image) => Image.LoadPixelData<Rgb24>(image.Pixels, image.Width, image.Height);
}
