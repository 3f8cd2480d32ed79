using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>
/// Colours are (red, green, blue, glow) with 1 = white; glow is the part that shines by itself. Only + - * are used on the vectors:
/// these are the same on every machine.
/// </summary>
internal static class Colour
{
    /// <summary>From 0xRRGGBB.</summary>
    public static Vector4 Of(uint rgb, float glow = 0) =>
        new(((rgb >> 16) & 255) / 255f, ((rgb >> 8) & 255) / 255f, (rgb & 255) / 255f, glow);

    /// <summary>(1 - t) a + t b.</summary>
    public static Vector4 Mix(Vector4 a, Vector4 b, float t) => a + ((b - a) * t);

    /// <summary>Brighter or darker; glow stays.</summary>
    public static Vector4 Scale(Vector4 colour, float factor) => colour * new Vector4(factor, factor, factor, 1);

    /// <summary>Luminance-like mean of the three channels.</summary>
    public static float Grey(Vector4 colour) => (0.3f * colour.X) + (0.59f * colour.Y) + (0.11f * colour.Z);
}
