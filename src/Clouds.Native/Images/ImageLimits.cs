using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>The largest pictures that are decoded; checked on the header, before any pixel is touched.</summary>
internal static class ImageLimits
{
    /// <summary>Longest side in pixels.</summary>
    public const int Side = 20_000;

    /// <summary>Largest area in pixels: 200 megapixels are 600 MB of RGB.</summary>
    public const long Area = 200_000_000;

    /// <summary>Largest file in bytes.</summary>
    public const long FileBytes = 1L << 30;

    /// <summary>Refuses a picture that is empty or larger than the limits.</summary>
    /// <exception cref="CloudsException">BadInput, naming the picture and both limits.</exception>
    public static void Check(long width, long height, string name)
    {
        if (width < 1 || height < 1 || width > Side || height > Side || width * height > Area)
        {
            throw new CloudsException(
                Failure.BadInput,
                "the image's size is outside the limits",
                name,
                $"{width} x {height} pixels",
                $"1 to {Side} pixels a side, at most {Area / 1_000_000} megapixels",
                "check that the file is what it should be; scale or cut larger images first");
        }
    }
}
