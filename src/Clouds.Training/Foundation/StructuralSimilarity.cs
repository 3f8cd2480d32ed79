using Clouds.Native.Images;

namespace Clouds.Training.Foundation;

/// <summary>
/// The structural similarity of two pictures (Wang et al. 2004): means, variances and covariance of their luma below a Gaussian window, wherever the window
/// lies within the picture.
/// </summary>
internal static class StructuralSimilarity
{
    /// <summary>Pixels of the window's sides.</summary>
    public const int Window = 11;

    private const double Deviation = 1.5;

    // (K L)², K = 0.01 and 0.03, L = 255
    private const double C1 = 0.01 * 255 * 0.01 * 255, C2 = 0.03 * 255 * 0.03 * 255;

    private static readonly double[] Taps = Gaussian();

    /// <summary>Its mean over the picture; null: a side is shorter than the window.</summary>
    public static double? Of(RgbImage one, RgbImage other)
    {
        if (Math.Min(one.Width, one.Height) < Window)
        {
            return null;
        }

        (double[] x, double[] y) = (Luma(one), Luma(other));
        double[] Mean(double[] a, double[] b) => Blur([.. a.Zip(b, (p, q) => p * q)], one.Width);
        (double[] meanX, double[] meanY) = (Blur(x, one.Width), Blur(y, one.Width));
        (double[] xx, double[] yy, double[] xy) = (Mean(x, x), Mean(y, y), Mean(x, y));
        return Enumerable.Range(0, meanX.Length).Average(i => At(meanX[i], meanY[i], xx[i], yy[i], xy[i]));
    }

    private static double At(double meanX, double meanY, double xx, double yy, double xy)
    {
        (double varianceX, double varianceY, double covariance) = (xx - (meanX * meanX), yy - (meanY * meanY), xy - (meanX * meanY));
        return ((2 * meanX * meanY) + C1) * ((2 * covariance) + C2) / (((meanX * meanX) + (meanY * meanY) + C1) * (varianceX + varianceY + C2));
    }

    private static double[] Luma(RgbImage image)
    {
        double[] luma = new double[image.Width * image.Height];
        for (int i = 0; i < luma.Length; i++)
        {
            luma[i] = (0.299 * image.Pixels[3 * i]) + (0.587 * image.Pixels[(3 * i) + 1]) + (0.114 * image.Pixels[(3 * i) + 2]);
        }

        return luma;
    }

    // Rows, then columns; what is left has Window - 1 columns and rows fewer.
    private static double[] Blur(double[] map, int width)
    {
        (int height, int columns) = (map.Length / width, width - Window + 1);
        double[] rows = new double[columns * height], result = new double[columns * (height - Window + 1)];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = Weighted(map, (i / columns * width) + (i % columns), 1);
        }

        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Weighted(rows, i, columns);
        }

        return result;
    }

    private static double Weighted(double[] map, int first, int step)
    {
        double sum = 0;
        for (int tap = 0; tap < Window; tap++)
        {
            sum += Taps[tap] * map[first + (tap * step)];
        }

        return sum;
    }

    private static double[] Gaussian()
    {
        double[] taps = [.. Enumerable.Range(-(Window / 2), Window).Select(x => Math.Exp(-x * x / (2 * Deviation * Deviation)))];
        return [.. taps.Select(tap => tap / taps.Sum())];
    }
}
