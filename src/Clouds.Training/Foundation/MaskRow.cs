using System.Globalization;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>An image with its masks, and what points at each of them were answered with.</summary>
internal static class MaskRow
{
    private const ushort NoMask = ushort.MaxValue;

    public static IReadOnlyList<string> Columns { get; } = ["image", "masks", "after 1 point each", "after 5 points each"];

    /// <summary>The row.</summary>
    /// <param name="name">Of the image.</param>
    /// <param name="image">The image and its masks.</param>
    /// <param name="trials">What came of pointing at these.</param>
    public static SheetRow Of(string name, MaskedImage image, IReadOnlyList<MaskTrial> trials)
    {
        int width = image.Image.Width;
        double Mean(Func<IReadOnlyList<double>, double> of) => trials.Average(trial => of(trial.Outcome.Overlaps));
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{name}: {trials.Count} masks, mean IoU {Mean(all => all[0]):0.00} and {Mean(all => all[^1]):0.00}");
        RgbImage[] pictures =
        [
            image.Image,
            Over(image, (mask, pixel) => image.Masks[mask].Contains(pixel % width, pixel / width)),
            Over(image, (mask, pixel) => trials[mask].First!.Inside[pixel]),
            Over(image, (mask, pixel) => trials[mask].Chosen!.Inside[pixel]),
        ];
        return new SheetRow(text, [.. pictures.Select(PictureSheet.Small)]);
    }

    // Small masks over large ones, each mask in the same colour wherever it is drawn.
    private static RgbImage Over(MaskedImage image, Func<int, int, bool> contains)
    {
        LabelMap map = new(image.Image.Width, image.Image.Height);
        Array.Fill(map.Ids, NoMask);
        IReadOnlyList<RgbColour> colours = ClassSet.Cityscapes.Colours;
        foreach (int mask in Enumerable.Range(0, image.Masks.Count).OrderByDescending(mask => image.Masks[mask].Area))
        {
            for (int pixel = 0; pixel < map.Ids.Length; pixel++)
            {
                map.Ids[pixel] = contains(mask, pixel) ? (ushort)(mask % colours.Count) : map.Ids[pixel];
            }
        }

        return LabelPainter.Overlay(image.Image, map, colours, borders: true);
    }
}
