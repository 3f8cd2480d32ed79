using System.Globalization;

namespace Clouds.Native.Segmentation;

/// <summary>
/// How often and how a segmenter looks at an image; the class scores of all looks are averaged. By default it looks once at the whole image, as the paper's
/// results are made (method.md section 6.4). Scales and mirror images are averaged as Mask2Former's SemanticSegmentorWithTTA does it for detectron2: the
/// scores as they are, at the size of the answer. Windows are laid and averaged as mmsegmentation's slide inference does it, at the size at which
/// the network sees the image. Every look takes the time of an image, and all of them together, on the processor, twice 4 · classes bytes a pixel.
/// </summary>
public sealed class TestTimeViews
{
    internal const int MostScales = 16;
    internal const double LargestScale = 8;
    internal const int SmallestWindow = 32;

    /// <summary>Factors on the size at which the network sees images, above 0 and up to 8; 1 to 16 of them.</summary>
    public IReadOnlyList<double> Scales { get; init; } = [1];

    /// <summary>Whether it also looks at the mirror image.</summary>
    public bool Flip { get; init; }

    /// <summary>Side of the square windows in which it looks, in pixels as the network sees the image, 32 or more; 0: at the whole image.</summary>
    public int Window { get; init; }

    /// <summary>From one window to the next, at most <see cref="Window"/>; 0: two thirds of a window, as usual in mmsegmentation.</summary>
    public int Stride { get; init; }

    /// <summary>Whether this is one look at the whole image at its usual size.</summary>
    public bool IsSingle => Window == 0 && !Flip && Scales is [1];

    internal int WindowStride => Stride == 0 ? Math.Max(1, 2 * Window / 3) : Stride;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Check(Scales.Count is >= 1 and <= MostScales, nameof(Scales), $"{Scales.Count} scales", $"1 to {MostScales}");
        Check(Scales.All(scale => scale is > 0 and <= LargestScale), nameof(Scales), string.Join(", ", Scales), $"factors above 0 and up to {LargestScale}");
        Check(Window == 0 || Window >= SmallestWindow, nameof(Window), Window, $"{SmallestWindow} pixels or more, or 0");
        Check(Stride == 0 || (Stride >= 1 && Stride <= Window), nameof(Stride), Stride, $"1 to {Window} pixels, or 0");
    }

    private static void Check(bool condition, string member, object found, string expected) =>
        SegmenterOptions.Require(condition, $"{nameof(SegmenterOptions.Views)}.{member}", found, expected);

    /// <summary>The looks in words, for instance "scales 0.5, 1; mirrored; windows of 768 every 512".</summary>
    public override string ToString() => IsSingle ? "single" : string.Join("; ", new[]
    {
        Scales is [1] ? "" : $"scales {string.Join(", ", Scales.Select(scale => scale.ToString(CultureInfo.InvariantCulture)))}",
        Flip ? "mirrored" : "",
        Window == 0 ? "" : $"windows of {Window} every {WindowStride}",
    }.Where(part => part.Length > 0));
}
