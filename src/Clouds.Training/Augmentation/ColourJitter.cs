using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>
/// The colour jitter of DACS (Tranheden et al., WACV 2021), which HRDA (Hoyer et al., ECCV 2022) goes on with: brightness, contrast, saturation and hue,
/// all four, one after the other in an order that is drawn. On 8-bit values that are clipped and truncated after every step, as in
/// <see cref="SsdColour"/>; the cited code has them in single precision.
/// </summary>
internal static class ColourJitter
{
    // Brightness is shifted, the hue turned by a part of the circle.
    private static readonly Action<byte[], double>[] Parts =
    [
        (pixels, draw) => SsdColour.Brighten(pixels, (float)(byte.MaxValue * draw)),
        (pixels, draw) => SsdColour.Contrast(pixels, (float)(1 + draw)),
        (pixels, draw) => SsdColour.Saturate(pixels, (float)(1 + draw)),
        (pixels, draw) => SsdColour.TurnHue(pixels, (int)Math.Round(OpenCvHsv.HueSteps * draw)),
    ];

    /// <summary>Draws order and sizes from the stream and applies them to a copy.</summary>
    /// <param name="image">The image; not changed.</param>
    /// <param name="strength">Largest shift and turn, and largest distance of a factor from 1; 0 to 0.5.</param>
    /// <param name="random">The image's own stream.</param>
    public static RgbImage Apply(RgbImage image, double strength, RandomStream random)
    {
        byte[] pixels = [.. image.Pixels];
        foreach (int part in random.NextPermutation(Parts.Length))
        {
            Parts[part](pixels, random.NextDouble(-strength, strength));
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }
}
