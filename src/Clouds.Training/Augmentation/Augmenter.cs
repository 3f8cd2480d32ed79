using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>Augments source samples: scale, crop or pad, colour, flip (method.md section 7). Pure: the draws come from the stream.</summary>
public sealed class Augmenter
{
    private readonly AugmentationConfig _config;

    /// <summary>An augmenter of the given settings.</summary>
    /// <exception cref="CloudsException">Usage, where a setting is out of range.</exception>
    public Augmenter(AugmentationConfig config)
    {
        config.Validate();
        _config = config;
    }

    /// <summary>Augments one image and its labels.</summary>
    /// <param name="image">The image; not changed.</param>
    /// <param name="labels">Train ids of the same size, 255 = ignore; not changed.</param>
    /// <param name="random">The sample's own stream.</param>
    /// <returns>
    /// Labels of exactly the crop's size, padded with 255, and the image: of that size too, padded black, or with <see cref="CropPadding.Zero"/> without
    /// padding, to stand at the top left.
    /// </returns>
    public (RgbImage Image, LabelMap Labels) Apply(RgbImage image, LabelMap labels, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Width, image.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Height, image.Height);
        (RgbImage pixels, LabelMap ids) = ScaledCrop.Apply(image, labels, _config, random);
        if (_config.Colour)
        {
            pixels = SsdColour.Apply(pixels, _config.ColourStrength, random);
        }

        (pixels, ids) = random.NextBoolean(_config.FlipProbability) ? (Flip.Horizontal(pixels), Flip.Horizontal(ids)) : (pixels, ids);
        return (pixels, ScaledCrop.Pad(ids, _config.CropWidth, _config.CropHeight));
    }
}
