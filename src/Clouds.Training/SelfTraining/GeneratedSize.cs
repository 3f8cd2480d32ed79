using Clouds.Diagnostics;
using Clouds.Training.Augmentation;

namespace Clouds.Training.SelfTraining;

/// <summary>Generated images are used whole, so they have to fit into the crop of the batch.</summary>
internal static class GeneratedSize
{
    /// <summary>Refuses an image that is larger than the crop.</summary>
    /// <exception cref="CloudsException">BadInput, naming it.</exception>
    public static void Require(int width, int height, string name, AugmentationConfig config)
    {
        if (width > config.CropWidth || height > config.CropHeight)
        {
            throw new CloudsException(Failure.BadInput, "a generated image is larger than the crop, and is used whole", name,
                $"{width} x {height} pixels", $"at most {config.CropWidth} x {config.CropHeight} pixels",
                "generate smaller images, or enlarge training.augmentation.cropWidth and cropHeight, in stage 1 too");
        }
    }
}
