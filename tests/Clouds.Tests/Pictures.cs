using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Tests;

/// <summary>Small pictures and label maps for tests.</summary>
internal static class Pictures
{
    /// <summary>Uniform noise.</summary>
    public static RgbImage Noise(int width, int height, ulong seed = 1)
    {
        RandomStream random = new(seed, "test picture");
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)random.NextUInt32();
        }

        return image;
    }

    /// <summary>A smooth picture, which JPEG keeps nearly unchanged.</summary>
    public static RgbImage Gradient(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < width * height; i++)
        {
            image.Pixels[3 * i] = (byte)(255 * (i % width) / width);
            image.Pixels[(3 * i) + 1] = (byte)(255 * (i / width) / height);
            image.Pixels[(3 * i) + 2] = 90;
        }

        return image;
    }

    /// <summary>Uniform ids below a bound.</summary>
    public static LabelMap Labels(int width, int height, int bound, ulong seed = 1)
    {
        RandomStream random = new(seed, "test labels");
        LabelMap map = new(width, height);
        for (int i = 0; i < map.Ids.Length; i++)
        {
            map.Ids[i] = (ushort)random.NextInt32(bound);
        }

        return map;
    }

    /// <summary>One id everywhere.</summary>
    public static LabelMap Plain(int width, int height, ushort id)
    {
        LabelMap map = new(width, height);
        Array.Fill(map.Ids, id);
        return map;
    }
}
