using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>
/// ClassMix (Olsson et al., WACV 2021) between two domains, as DACS (Tranheden et al., WACV 2021) and HRDA have it: half of the classes of a source image,
/// their pixels and their labels, are pasted over an image of the other domain.
/// </summary>
internal static class ClassMix
{
    /// <summary>Draws half of the classes that a window at the upper left holds, rounded up. Pixels without a label are of no class.</summary>
    /// <param name="labels">Train ids of a source image, 255 = ignore; not changed.</param>
    /// <param name="width">Columns of the window.</param>
    /// <param name="height">Rows of the window.</param>
    /// <param name="random">Draws the classes.</param>
    /// <returns>A map of the labels' size: the pixels of these classes in the window, 255 elsewhere.</returns>
    public static LabelMap Choose(LabelMap labels, int width, int height, RandomStream random)
    {
        LabelMap chosen = ScaledCrop.Pad(Window(labels, Math.Min(width, labels.Width), Math.Min(height, labels.Height)), labels.Width, labels.Height);
        ushort[] classes = [.. chosen.Ids.Distinct().Where(id => id != LabelMap.Ignore).Order()];
        HashSet<ushort> half = [.. random.NextPermutation(classes.Length).Take((classes.Length + 1) / 2).Select(i => classes[i])];
        return new LabelMap(chosen.Width, chosen.Height, Array.ConvertAll(chosen.Ids, id => half.Contains(id) ? id : LabelMap.Ignore));
    }

    /// <summary>Pastes pixels.</summary>
    /// <param name="source">The source image, which has every chosen pixel; not changed.</param>
    /// <param name="chosen">Which pixels; not 255 only where both images have one.</param>
    /// <param name="below">What they are pasted over; not changed.</param>
    /// <returns>An image of the size of the one below.</returns>
    public static RgbImage Paste(RgbImage source, LabelMap chosen, RgbImage below)
    {
        RgbImage mixed = new(below.Width, below.Height, [.. below.Pixels]);
        for (int i = 0; i < chosen.Ids.Length; i++)
        {
            if (chosen.Ids[i] != LabelMap.Ignore)
            {
                (int y, int x) = Math.DivRem(i, chosen.Width);
                source.Pixels.AsSpan(3 * ((y * source.Width) + x), 3).CopyTo(mixed.Pixels.AsSpan(3 * ((y * mixed.Width) + x)));
            }
        }

        return mixed;
    }

    /// <summary>Pastes labels: a new map of the ones below and, where there are any, the chosen ones.</summary>
    /// <param name="chosen">255 where nothing is pasted.</param>
    /// <param name="below">Labels of the same size; not changed.</param>
    public static LabelMap Paste(LabelMap chosen, LabelMap below) =>
        new(below.Width, below.Height, [.. chosen.Ids.Zip(below.Ids, (above, under) => above != LabelMap.Ignore ? above : under)]);

    private static LabelMap Window(LabelMap labels, int width, int height)
    {
        LabelMap window = new(width, height);
        for (int y = 0; y < height; y++)
        {
            labels.Ids.AsSpan(y * labels.Width, width).CopyTo(window.Ids.AsSpan(y * width));
        }

        return window;
    }
}
