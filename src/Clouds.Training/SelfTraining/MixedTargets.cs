using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Training.Augmentation;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// What a generated image is learned from over which parts of a source image are pasted: there the truth, elsewhere what teacher and refinement say. A class
/// that is wholly covered is no target any more; one that had no pixel before stays what it was (method.md section 4.2, step 10).
/// </summary>
internal static class MixedTargets
{
    /// <summary>Puts the truth over the targets of a generated image.</summary>
    /// <param name="generated">Targets of the clean image.</param>
    /// <param name="pasted">Train ids of the crop's size, 255 where nothing is pasted.</param>
    public static ImageTargets Of(ImageTargets generated, LabelMap pasted) => generated.Overlapping is IReadOnlyList<ClassMask> masks
        ? generated with { Overlapping = [.. masks.Where(one => one.Mask.Area == 0 || IsSeen(one.Mask, pasted))], Above = pasted }
        : new ImageTargets(ClassMix.Paste(pasted, generated.Labels))
        {
            FurtherClasses = [.. generated.FurtherClasses.Except(generated.Labels.Ids.Distinct().Select(id => (int)id))],
        };

    private static bool IsSeen(PixelMask mask, LabelMap pasted)
    {
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                if (mask.Contains(x, y) && pasted.Ids[(y * pasted.Width) + x] == LabelMap.Ignore)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
