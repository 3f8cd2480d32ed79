using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Examples;

/// <summary>README.md: labels of an image and the share of each class.</summary>
public static class SegmentExample
{
    /// <summary>Writes the labels of an image as a PNG and the classes' shares as text.</summary>
    public static void Run(string modelPath, string imagePath, string labelPath, TextWriter console)
    {
        // example: segment
        using Segmenter segmenter = Segmenter.Load(modelPath);
        RgbImage image = ImageFile.Read(imagePath);
        SegmentationResult result = segmenter.Segment(image);

        LabelMap labels = new(result.Width, result.Height, result.Labels);
        LabelPng.WritePalette(labelPath, labels, segmenter.Classes.Colours);

        foreach (IGrouping<ushort, ushort> pixels in result.Labels.GroupBy(id => id).OrderByDescending(pixels => pixels.Count()))
        {
            console.WriteLine($"{segmenter.Classes.Names[pixels.Key]}: {100.0 * pixels.Count() / result.Labels.Length:F1} %");
        }
        // end of example
    }
}
