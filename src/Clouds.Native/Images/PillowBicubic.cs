namespace Clouds.Native.Images;

/// <summary>
/// Bicubic resizing with the bits of Pillow's Image.resize(size, BICUBIC) on 8-bit images, which CLIP's preprocessing begins with: as
/// <see cref="PillowResize"/>, with Keys' cubic (a = -0.5), whose sums may leave 0..255 and are cut off there.
/// </summary>
internal static class PillowBicubic
{
    private const int Half = 1 << (ResizeTaps.FractionBits - 1);

    /// <summary>Resizes a whole image.</summary>
    /// <param name="image">The image; returned itself where the size does not change.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        RgbImage narrow = width == image.Width ? image : Along(image, width, image.Height, TapsOf(image.Width, width), columns: true);
        return height == image.Height ? narrow : Along(narrow, width, height, TapsOf(image.Height, height), columns: false);
    }

    private static ResizeTaps TapsOf(int input, int output) => new(input, output, 0, output, ResizeFilter.Cubic);

    private static RgbImage Along(RgbImage image, int width, int height, ResizeTaps taps, bool columns)
    {
        RgbImage result = new(width, height);
        int step = columns ? 3 : 3 * image.Width;
        for (int i = 0; i < result.Pixels.Length; i++)
        {
            (int pixel, int channel) = Math.DivRem(i, 3);
            (int y, int x) = Math.DivRem(pixel, width);
            int at = columns ? x : y;
            int across = columns ? 3 * y * image.Width : 3 * x;
            result.Pixels[i] = Sum(image.Pixels, across + (taps.Starts[at] * step) + channel, step, taps.Weights(at));
        }

        return result;
    }

    private static byte Sum(byte[] pixels, int first, int step, ReadOnlySpan<int> weights)
    {
        int sum = Half;
        for (int tap = 0; tap < weights.Length; tap++)
        {
            sum += pixels[first + (tap * step)] * weights[tap];
        }

        return (byte)Math.Clamp(sum >> ResizeTaps.FractionBits, 0, byte.MaxValue);
    }
}
