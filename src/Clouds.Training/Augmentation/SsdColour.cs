using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>
/// The colour distortion of SSD as the reference code has it (method.md section 7.3): brightness, contrast, saturation
/// and hue, each with probability one half, on 8-bit values that are clipped and truncated after every step.
/// </summary>
public static class SsdColour
{
    /// <summary>Draws the steps from the stream and applies them to a copy.</summary>
    public static RgbImage Apply(RgbImage image, SsdColourConfig config, RandomStream random)
    {
        RgbImage result = new(image.Width, image.Height, [.. image.Pixels]);
        byte[] pixels = result.Pixels;
        if (random.NextBoolean())
        {
            Brighten(pixels, (float)random.NextDouble(-config.Brightness, config.Brightness));
        }

        bool contrastFirst = random.NextBoolean();
        if (contrastFirst)
        {
            MaybeContrast(pixels, config, random);
        }

        if (random.NextBoolean())
        {
            Saturate(pixels, (float)random.NextDouble(config.SaturationLow, config.SaturationHigh));
        }

        if (random.NextBoolean())
        {
            TurnHue(pixels, random.NextInt32((2 * config.Hue) + 1) - config.Hue);
        }

        if (!contrastFirst)
        {
            MaybeContrast(pixels, config, random);
        }

        return result;
    }

    /// <summary>Adds a shift to every channel.</summary>
    internal static void Brighten(Span<byte> pixels, float shift) => Map(pixels, value => value + shift);

    /// <summary>Multiplies every channel.</summary>
    internal static void Contrast(Span<byte> pixels, float factor) => Map(pixels, value => value * factor);

    /// <summary>Multiplies the saturation.</summary>
    internal static void Saturate(Span<byte> pixels, float factor)
    {
        byte[] table = Table(value => value * factor);
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (byte hue, byte saturation, byte value) = OpenCvHsv.FromRgb(pixels[i], pixels[i + 1], pixels[i + 2]);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = OpenCvHsv.ToRgb(hue, table[saturation], value);
        }
    }

    /// <summary>Turns the hue by steps of two degrees, -180..180.</summary>
    internal static void TurnHue(Span<byte> pixels, int steps)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            (byte hue, byte saturation, byte value) = OpenCvHsv.FromRgb(pixels[i], pixels[i + 1], pixels[i + 2]);
            int turned = (hue + steps + OpenCvHsv.HueSteps) % OpenCvHsv.HueSteps;
            (pixels[i], pixels[i + 1], pixels[i + 2]) = OpenCvHsv.ToRgb((byte)turned, saturation, value);
        }
    }

    private static void MaybeContrast(Span<byte> pixels, SsdColourConfig config, RandomStream random)
    {
        if (random.NextBoolean())
        {
            Contrast(pixels, (float)random.NextDouble(config.ContrastLow, config.ContrastHigh));
        }
    }

    private static void Map(Span<byte> pixels, Func<float, float> change)
    {
        byte[] table = Table(change);
        foreach (ref byte value in pixels)
        {
            value = table[value];
        }
    }

    private static byte[] Table(Func<float, float> change)
    {
        byte[] table = new byte[256];
        for (int value = 0; value < table.Length; value++)
        {
            table[value] = (byte)Math.Clamp(change(value), 0f, 255f);
        }

        return table;
    }
}
