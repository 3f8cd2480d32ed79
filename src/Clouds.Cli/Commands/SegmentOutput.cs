using System.Globalization;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Commands;

/// <summary>Format of overlays.</summary>
internal enum OverlayFormat
{
    /// <summary>Exact.</summary>
    Png,

    /// <summary>Small.</summary>
    Jpeg,
}

/// <summary>Share of one class in an image.</summary>
internal sealed record ClassShare(int Id, string Name, double Share);

/// <summary>What is reported of a labelled image, and what its JSON file holds.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Seconds">Time of segmenting it.</param>
/// <param name="Device">Where the network ran.</param>
/// <param name="Classes">Classes that occur, largest share first.</param>
internal sealed record SegmentedImage(string Image, int Width, int Height, double Seconds, string Device, IReadOnlyList<ClassShare> Classes)
{
    public IReadOnlyList<string> Row =>
    [
        Image,
        $"{Width} x {Height}",
        string.Join(", ", Classes.Take(3).Select(share => $"{share.Name} {Percent.Text(share.Share)} %")),
        Seconds.ToString("0.00", CultureInfo.InvariantCulture),
    ];
}

/// <summary>Segments images and writes what `clouds segment` promises.</summary>
internal sealed class SegmentOutput(Segmenter segmenter, string folder, OverlayFormat overlay)
{
    public SegmentedImage Write(SegmentAnswer answer)
    {
        (SegmentJob job, RgbImage image, SegmentationResult result, double seconds) = answer;
        LabelMap labels = new(result.Width, result.Height, result.Labels);
        string path = Path.Combine(folder, job.Name);
        OutputFolder.Create(Path.GetDirectoryName(path)!);
        LabelPng.WritePalette(SegmentFiles.Labels(path), labels, segmenter.Classes.Colours);
        WriteOverlay(path, LabelPainter.Overlay(image, labels, segmenter.Classes.Colours, borders: true));
        if (result.Scores is not null)
        {
            WriteScores(SegmentFiles.Scores(path), result);
        }

        SegmentedImage report = new(job.Image, result.Width, result.Height, Math.Round(seconds, 4), segmenter.Device.ToString(), Shares(result.Labels));
        AtomicFile.WriteAllBytes(SegmentFiles.Report(path), Encoding.UTF8.GetBytes(JsonText.Document(report)));
        return report;
    }

    private void WriteOverlay(string path, RgbImage picture)
    {
        if (overlay == OverlayFormat.Jpeg)
        {
            ImageFile.WriteJpeg(SegmentFiles.Overlay(path, overlay), picture);
        }
        else
        {
            ImageFile.WritePng(SegmentFiles.Overlay(path, overlay), picture);
        }
    }

    private void WriteScores(string path, SegmentationResult result)
    {
        TensorDeclaration declaration = new("scores", WeightType.F32, [segmenter.Classes.Count, result.Height, result.Width]);
        using SafetensorsWriter writer = new(path, [declaration], new Dictionary<string, string> { ["classes"] = string.Join(", ", segmenter.Classes.Names) });
        writer.Write<float>("scores", result.Scores!);
        writer.Commit();
    }

    private ClassShare[] Shares(ushort[] labels)
    {
        int[] counts = new int[segmenter.Classes.Count];
        foreach (ushort id in labels)
        {
            counts[id]++;
        }

        return [.. counts.Select((count, id) => new ClassShare(id, segmenter.Classes.Names[id], Math.Round((double)count / labels.Length, 6)))
            .Where(share => share.Share > 0)
            .OrderByDescending(share => share.Share)];
    }
}
