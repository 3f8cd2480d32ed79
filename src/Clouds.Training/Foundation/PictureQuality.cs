using Clouds.Native.Images;

namespace Clouds.Training.Foundation;

/// <summary>How alike two pictures of one size are.</summary>
/// <param name="AbsoluteError">Mean absolute difference of their levels, 0..255.</param>
/// <param name="SignalToNoise">Peak signal-to-noise ratio in decibels; pictures that are hardly different, or not at all, have <see cref="Most"/>.</param>
/// <param name="Similarity">Structural similarity of their luma, -1..1; null where a side is shorter than <see cref="StructuralSimilarity.Window"/>.</param>
internal sealed record PictureQuality(double AbsoluteError, double SignalToNoise, double? Similarity)
{
    /// <summary>The highest signal-to-noise ratio: no mean of several is infinite.</summary>
    public const double Most = 100;

    private const double Peak = 255;

    /// <summary>Compares pixels.</summary>
    public static PictureQuality Of(RgbImage one, RgbImage other)
    {
        (long absolute, long squares) = (0, 0);
        for (int i = 0; i < one.Pixels.Length; i++)
        {
            int difference = one.Pixels[i] - other.Pixels[i];
            (absolute, squares) = (absolute + Math.Abs(difference), squares + (difference * difference));
        }

        double mean = (double)squares / one.Pixels.Length;
        double ratio = mean == 0 ? Most : Math.Min(Most, 10 * Math.Log10(Peak * Peak / mean));
        return new PictureQuality((double)absolute / one.Pixels.Length, ratio, StructuralSimilarity.Of(one, other));
    }
}
