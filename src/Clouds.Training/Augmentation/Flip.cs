using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>Mirroring left to right.</summary>
public static class Flip
{
    /// <summary>The mirrored image, a new one.</summary>
    public static RgbImage Horizontal(RgbImage image)
    {
        RgbImage result = new(image.Width, image.Height);
        int stride = 3 * image.Width;
        for (int row = 0; row < image.Pixels.Length; row += stride)
        {
            for (int from = 0, to = stride - 3; from < stride; from += 3, to -= 3)
            {
                result.Pixels[row + to] = image.Pixels[row + from];
                result.Pixels[row + to + 1] = image.Pixels[row + from + 1];
                result.Pixels[row + to + 2] = image.Pixels[row + from + 2];
            }
        }

        return result;
    }

    /// <summary>The mirrored label map, a new one.</summary>
    public static LabelMap Horizontal(LabelMap map)
    {
        LabelMap result = new(map.Width, map.Height, [.. map.Ids]);
        for (int y = 0; y < map.Height; y++)
        {
            result.Ids.AsSpan(y * map.Width, map.Width).Reverse();
        }

        return result;
    }
}
