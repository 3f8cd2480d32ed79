using System.Runtime.InteropServices;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>
/// Scale, then crop or pad (method.md sections 7.1 and 7.2). The scaled image is never made: only the pixels of the crop
/// are computed, which at scale 2 are an eighth of them, with the bits of doing one after the other.
/// </summary>
internal static class ScaledCrop
{
    private const int Tries = 10;

    /// <summary>The size of the scaled image.</summary>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="scale">The drawn scale s.</param>
    /// <param name="config">Frame that s multiplies.</param>
    public static (int Width, int Height) ScaledSize(int width, int height, double scale, AugmentationConfig config)
    {
        if (config.FrameWidth == 0)
        {
            (int frameWidth, int frameHeight) = TestTimeResize.Size(width, height, config.FrameShortSide);
            return (Rounded(scale * frameWidth), Rounded(scale * frameHeight));
        }

        double factor = Math.Min(scale * config.FrameHeight / height, scale * config.FrameWidth / width);
        return (Rounded(width * factor), Rounded(height * factor));
    }

    /// <summary>Draws where the crop lies in a scaled image: offsets 0 along axes that are too short.</summary>
    public static PixelWindow DrawWindow(int width, int height, AugmentationConfig config, RandomStream random)
    {
        int roomX = Math.Max(width - config.CropWidth, 0);
        int roomY = Math.Max(height - config.CropHeight, 0);
        double drawY = random.NextDouble();
        double drawX = config.CropOffset == CropOffset.Shared ? drawY : random.NextDouble();
        int x = (int)Math.Round(drawX * roomX, MidpointRounding.ToEven);
        int y = (int)Math.Round(drawY * roomY, MidpointRounding.ToEven);
        return new PixelWindow(x, y, config.CropWidth, config.CropHeight);
    }

    /// <summary>Scales and crops both; what the image does not cover is black and ignored, or left to the caller (<see cref="CropPadding"/>).</summary>
    public static (RgbImage Image, LabelMap Labels) Apply(RgbImage image, LabelMap labels, AugmentationConfig config, RandomStream random)
    {
        double scale = random.NextDouble(config.ScaleLow, config.ScaleHigh);
        (int width, int height) = ScaledSize(image.Width, image.Height, scale, config);
        PixelWindow covered;
        LabelMap cut;
        int tries = 0;
        do
        {
            covered = DrawWindow(width, height, config, random).On(width, height);
            cut = NearestResize.Torch(labels, width, height, covered);
        }
        while (++tries < Tries && config.LargestClassShare < 1 && !IsVaried(cut, config.LargestClassShare));

        RgbImage pixels = PillowResize.Bilinear(image, width, height, covered);
        return config.Padding == CropPadding.Zero
            ? (pixels, cut)
            : (Pad(pixels, config.CropWidth, config.CropHeight), Pad(cut, config.CropWidth, config.CropHeight));
    }

    /// <summary>Labels with ignored pixels to the right and below; the map itself where it has the size.</summary>
    public static LabelMap Pad(LabelMap map, int width, int height)
    {
        if (map.Width == width && map.Height == height)
        {
            return map;
        }

        LabelMap result = new(width, height);
        Array.Fill(result.Ids, LabelMap.Ignore);
        for (int y = 0; y < map.Height; y++)
        {
            map.Ids.AsSpan(y * map.Width, map.Width).CopyTo(result.Ids.AsSpan(y * width));
        }

        return result;
    }

    private static int Rounded(double size) => Math.Max(1, (int)Math.Round(size, MidpointRounding.ToEven));

    // Two classes at least, and none above the share.
    private static bool IsVaried(LabelMap map, double share)
    {
        Dictionary<ushort, long> counts = [];
        foreach (ushort id in map.Ids)
        {
            if (id != LabelMap.Ignore)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, id, out _)++;
            }
        }

        return counts.Count > 1 && counts.Values.Max() < share * counts.Values.Sum();
    }

    private static RgbImage Pad(RgbImage image, int width, int height)
    {
        if (image.Width == width && image.Height == height)
        {
            return image;
        }

        RgbImage result = new(width, height);
        for (int y = 0; y < image.Height; y++)
        {
            image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width).CopyTo(result.Pixels.AsSpan(3 * y * width));
        }

        return result;
    }
}
