using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Server.Requests;

/// <summary>Images that were sent: refused by the size that their headers declare before memory is taken for a pixel.</summary>
internal static class PostedImage
{
    /// <summary>Decodes an image.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="mostPixels">Of the picture.</param>
    /// <exception cref="CloudsException">BadInput: it cannot be decoded; or a <see cref="Refusal"/>, 413: it has more pixels.</exception>
    public static RgbImage Decode(byte[] file, string name, long mostPixels)
    {
        Require(file, name, mostPixels);
        return ImageFile.Decode(file, name);
    }

    /// <summary>Refuses an image, or a label map, by its header.</summary>
    /// <exception cref="CloudsException">As above.</exception>
    public static void Require(byte[] file, string name, long mostPixels)
    {
        (int width, int height) = ImageFile.Measure(file, name);
        if ((long)width * height > mostPixels)
        {
            throw Refusal.TooLarge("the image has too many pixels", name, $"{width} x {height} pixels", $"at most {mostPixels} pixels");
        }
    }
}
