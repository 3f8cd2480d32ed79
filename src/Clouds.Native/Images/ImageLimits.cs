using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>The largest pictures that are decoded; checked on the header, before any pixel is touched.</summary>
public static class ImageLimits
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

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CloudsException">BadInput where it is missing, unreadable, empty or larger than <see cref="FileBytes"/>.</exception>
    public static byte[] ReadFile(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new CloudsException(Failure.BadInput, "the file does not exist", path, next: "check the path");
        }

        if (file.Length is 0 or > FileBytes)
        {
            throw new CloudsException(
                Failure.BadInput, "the file's size is outside the limits", path, $"{file.Length} bytes", $"1 to {FileBytes} bytes", "replace the file");
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the file cannot be read", path, e.Message, next: "check the file's permissions", inner: e);
        }
    }
}
