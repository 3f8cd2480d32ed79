using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Examples;

/// <summary>docs/embedding.md: a long-lived segmenter with options, an overlay, scores, and the one exception.</summary>
public static class ServiceExample
{
    /// <summary>Writes an overlay, or says what is wrong and what to do.</summary>
    public static float[]? Run(string modelPath, string imagePath, string overlayPath, TextWriter console)
    {
        // example: service
        try
        {
            SegmenterOptions options = new() { Device = ComputeDevice.Auto, Threads = 2, ShortSide = 512, Warn = console.WriteLine };
            using Segmenter segmenter = Segmenter.Load(modelPath, options);
            RgbImage image = ImageFile.Read(imagePath, warn: console.WriteLine);
            SegmentationResult result = segmenter.Segment(image, withScores: true);

            RgbImage overlay = LabelPainter.Overlay(image, result.Map, segmenter.Classes.Colours, borders: true);
            ImageFile.WritePng(overlayPath, overlay);
            return result.Scores;
        }
        catch (CloudsException failure) when (failure.Expected)
        {
            console.WriteLine($"{failure.What}: {failure.Where}; {failure.Next}");
            return null;
        }
        // end of example
    }
}
