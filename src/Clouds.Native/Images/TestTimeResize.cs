namespace Clouds.Native.Images;

/// <summary>The size at which images are tested (method.md section 6.4): short side 1024, shape kept, whole image at once.</summary>
public static class TestTimeResize
{
    /// <summary>Short side in pixels. Reference code: 1024.</summary>
    public const int ShortSide = 1024;

    /// <summary>
    /// Long side in pixels that very long images do not exceed; their short side becomes smaller then. Detectron2's MAX_SIZE_TEST, Mask2Former's value
    /// for Cityscapes. No image of the paper's test sets is longer.
    /// </summary>
    public const int LongSide = 2048;

    /// <summary>Networks take multiples of this many pixels; the padding is added after normalisation. Reference code: 32.</summary>
    public const int Multiple = 32;

    /// <summary>The size at which an image is tested; halves round up, and no side is less than 1.</summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="shortSide">Short side wanted in pixels; 0: the image's own size.</param>
    /// <param name="longSide">
    /// Longest side allowed in pixels; 0: any; null: <see cref="LongSide"/>, or twice the short side where that is more, and any for images of their own size.
    /// </param>
    public static (int Width, int Height) Size(int width, int height, int shortSide = ShortSide, int? longSide = null) =>
        SizeTimes(1, width, height, shortSide, longSide);

    /// <summary>The same for a look that is so many times as large.</summary>
    internal static (int Width, int Height) SizeTimes(double factor, int width, int height, int shortSide, int? longSide)
    {
        int most = longSide ?? (shortSide == 0 ? 0 : Math.Max(LongSide, 2 * shortSide));
        double scale = shortSide == 0 ? 1 : (double)shortSide / Math.Min(width, height);
        scale = factor * (most == 0 ? scale : Math.Min(scale, (double)most / Math.Max(width, height)));
        return (Rounded(width * scale), Rounded(height * scale));
    }

    /// <summary>The next multiple of <see cref="Multiple"/>.</summary>
    public static int Padded(int size) => (size + Multiple - 1) / Multiple * Multiple;

    /// <summary>Resizes an image to its test size; the image itself where that is its size.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="shortSide">As above.</param>
    /// <param name="longSide">As above.</param>
    public static RgbImage Apply(RgbImage image, int shortSide = ShortSide, int? longSide = null)
    {
        (int width, int height) = Size(image.Width, image.Height, shortSide, longSide);
        return PillowResize.Bilinear(image, width, height);
    }

    /// <summary>Resizes labels to the test size of their image, as the reference code does before it scores BDD100K, Mapillary and ACDC.</summary>
    /// <param name="map">Labels of the image's size.</param>
    /// <param name="shortSide">As above.</param>
    /// <param name="longSide">As above.</param>
    public static LabelMap Apply(LabelMap map, int shortSide = ShortSide, int? longSide = null)
    {
        (int width, int height) = Size(map.Width, map.Height, shortSide, longSide);
        return NearestResize.Pillow(map, width, height);
    }

    private static int Rounded(double size) => Math.Max(1, (int)(size + 0.5));
}
