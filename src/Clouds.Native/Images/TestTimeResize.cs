namespace Clouds.Native.Images;

/// <summary>The size at which images are tested (method.md section 6.4): short side 1024, shape kept, whole image at once.</summary>
public static class TestTimeResize
{
    /// <summary>Short side in pixels. Reference code: 1024.</summary>
    public const int ShortSide = 1024;

    /// <summary>Networks take multiples of this many pixels; the padding is added after normalisation. Reference code: 32.</summary>
    public const int Multiple = 32;

    /// <summary>The size at which an image is tested; halves round up.</summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="shortSide">Short side wanted in pixels.</param>
    public static (int Width, int Height) Size(int width, int height, int shortSide = ShortSide)
    {
        double scale = (double)shortSide / Math.Min(width, height);
        return ((int)((width * scale) + 0.5), (int)((height * scale) + 0.5));
    }

    /// <summary>The next multiple of <see cref="Multiple"/>.</summary>
    public static int Padded(int size) => (size + Multiple - 1) / Multiple * Multiple;

    /// <summary>Resizes an image to its test size.</summary>
    public static RgbImage Apply(RgbImage image, int shortSide = ShortSide)
    {
        (int width, int height) = Size(image.Width, image.Height, shortSide);
        return PillowResize.Bilinear(image, width, height);
    }

    /// <summary>Resizes labels to the test size of their image, as the reference code does before it scores BDD100K, Mapillary and ACDC.</summary>
    public static LabelMap Apply(LabelMap map, int shortSide = ShortSide)
    {
        (int width, int height) = Size(map.Width, map.Height, shortSide);
        return NearestResize.Pillow(map, width, height);
    }
}
