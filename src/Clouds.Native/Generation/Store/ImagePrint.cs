using System.Numerics;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>What is kept of an image to tell whether it shows anything, and whether another shows the same.</summary>
/// <param name="Deviation">Standard deviation of its brightness, in levels of 256; 0: one colour, or none.</param>
/// <param name="Hash">
/// Perceptual hash of 64 bits (Zauner 2010, DCT based): of the image's brightness at 32 x 32, whether each of its 64 lowest frequencies but the mean is
/// above their median.
/// </param>
public readonly record struct ImagePrint(double Deviation, ulong Hash)
{
    private const int Side = 32;
    private const int Frequencies = 8;
    private static readonly double[] Cosines = Table();

    /// <summary>Looks at an image, of any size.</summary>
    public static ImagePrint Of(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        double[] small = Brightness(PillowResize.Bilinear(image, Side, Side));
        return new ImagePrint(Math.Sqrt(Variance(image)), HashOf(Transform(small)));
    }

    /// <summary>Bits in which the hashes of two images differ, 0..64.</summary>
    public int Distance(ImagePrint other) => BitOperations.PopCount(Hash ^ other.Hash);

    private static double Variance(RgbImage image)
    {
        double[] levels = Brightness(image);
        double mean = levels.Average();
        return levels.Average(level => (level - mean) * (level - mean));
    }

    // Weights of ITU-R BT.601.
    private static double[] Brightness(RgbImage image)
    {
        double[] levels = new double[image.Width * image.Height];
        for (int i = 0; i < levels.Length; i++)
        {
            ReadOnlySpan<byte> pixel = image.Pixels.AsSpan(3 * i, 3);
            levels[i] = (0.299 * pixel[0]) + (0.587 * pixel[1]) + (0.114 * pixel[2]);
        }

        return levels;
    }

    private static double[] Transform(double[] levels)
    {
        double[] low = new double[Frequencies * Frequencies];
        for (int v = 0; v < Frequencies; v++)
        {
            for (int u = 0; u < Frequencies; u++)
            {
                for (int i = 0; i < levels.Length; i++)
                {
                    low[(v * Frequencies) + u] += levels[i] * Cosines[(v * Side) + (i / Side)] * Cosines[(u * Side) + (i % Side)];
                }
            }
        }

        return low;
    }

    private static ulong HashOf(double[] low)
    {
        double[] sorted = [.. low.Skip(1).Order()];
        double median = sorted[sorted.Length / 2];
        ulong hash = 0;
        for (int i = 1; i < low.Length; i++)
        {
            hash |= low[i] > median ? 1UL << i : 0;
        }

        return hash;
    }

    private static double[] Table() => [.. from u in Enumerable.Range(0, Frequencies)
                                           from x in Enumerable.Range(0, Side)
                                           select Math.Cos(Math.PI * u * ((2 * x) + 1) / (2 * Side))];
}
