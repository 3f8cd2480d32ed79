namespace Clouds.Training.Augmentation;

/// <summary>
/// OpenCV's 8-bit HSV: hue in 0..179 (two degrees a step), saturation and value in 0..255. Forward in 12-bit fixed
/// point, rounded; back in single precision, truncated, as OpenCV 4's vector code does it for all pixels but the last
/// (width mod 32) of a row, which it rounds. Those few are truncated here too, so that a pixel does not depend on its column.
/// </summary>
internal static class OpenCvHsv
{
    /// <summary>Hue steps of a full turn.</summary>
    public const int HueSteps = 180;

    private const int FractionBits = 12;
    private const int Half = 1 << (FractionBits - 1);
    private static readonly int[] SaturationDivisors = Divisors(255.0);
    private static readonly int[] HueDivisors = Divisors(HueSteps / 6.0);

    /// <summary>Converts one pixel.</summary>
    public static (byte H, byte S, byte V) FromRgb(byte red, byte green, byte blue)
    {
        int value = Math.Max(red, Math.Max(green, blue));
        int spread = value - Math.Min(red, Math.Min(green, blue));
        int saturation = ((spread * SaturationDivisors[value]) + Half) >> FractionBits;
        int sector = value == red ? green - blue
            : value == green ? blue - red + (2 * spread)
            : red - green + (4 * spread);
        int hue = ((sector * HueDivisors[spread]) + Half) >> FractionBits;
        return ((byte)(hue < 0 ? hue + HueSteps : hue), (byte)saturation, (byte)value);
    }

    /// <summary>Converts one pixel back.</summary>
    /// <param name="hue">0..179.</param>
    /// <param name="saturation">0..255.</param>
    /// <param name="value">0..255.</param>
    public static (byte R, byte G, byte B) ToRgb(byte hue, byte saturation, byte value)
    {
        float turn = hue * (6f / HueSteps);
        int sector = (int)turn;
        float within = turn - sector;
        float s = saturation * (1f / 255f);
        float v = value * (1f / 255f);
        byte top = Byte(v);
        byte low = Byte(v * (1f - s));

        // The fused products are part of the result: without them one pixel in 7,000 differs by 1.
        byte falling = Byte(v * MathF.FusedMultiplyAdd(-s, within, 1f));
        byte rising = Byte(v * MathF.FusedMultiplyAdd(-s, 1f - within, 1f));
        return sector switch
        {
            0 => (top, rising, low),
            1 => (falling, top, low),
            2 => (low, top, rising),
            3 => (low, falling, top),
            4 => (rising, low, top),
            _ => (top, low, falling),
        };
    }

    private static byte Byte(float unit) => (byte)(unit * 255f);

    private static int[] Divisors(double scale)
    {
        int[] table = new int[256];
        for (int i = 1; i < table.Length; i++)
        {
            table[i] = (int)Math.Round(scale * (1 << FractionBits) / i, MidpointRounding.ToEven);
        }

        return table;
    }
}
