using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Cli.Runs;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.Streets;

namespace Clouds.Cli.Demo;

/// <summary>The page of the demonstration: the fall from the style that was learned to styles never seen, curves, classes, pictures.</summary>
internal sealed class DemoReport(DemoFindings findings, DemoPlan plan)
{
    private const int Enlargement = 2;

    /// <summary>Heading of the table of styles.</summary>
    public static IReadOnlyList<string> StyleColumns { get; } =
        ["style", "seen in training", "mIoU %", "fall in points", "pixel accuracy %", "majority class mIoU %"];

    /// <summary>One row a style and the mean of the unseen ones.</summary>
    public IEnumerable<IReadOnlyList<string>> StyleRows => [.. findings.Scores.Select(pair => StyleRow(pair.Key, pair.Value.Scores)), UnseenRow()];

    /// <summary>Writes the pictures and the page.</summary>
    /// <returns>The page's path.</returns>
    public string Write(string folder)
    {
        string pictures = Path.Combine(folder, "overlays");
        OutputFolder.Create(pictures);
        HtmlReport page = Introduction();
        page.AddHeading("Training").AddCharts(new RunCurves([new CurveSource("demo", findings.History, plan.Training((int)findings.Steps).Batch)]).All);
        page.AddHeading("Classes: IoU in percent").AddTable(Table.Columns, Table.Rows);
        AddPictures(page.AddHeading("Unseen images: picture, labels, answer"), pictures);
        string path = Path.Combine(folder, "index.html");
        page.Save(path);
        return path;
    }

    private ScoreTable Table => new([.. findings.Scores.Values]);

    private HtmlReport Introduction() => new HtmlReport("Clouds.Native: what a segmenter loses in styles that it has never seen")
        .AddText(string.Create(
            CultureInfo.InvariantCulture,
            $"A small network learned from {plan.TrainImages} computer-drawn street scenes of one style ({plan.Width} x {plan.Height} pixels, "
            + $"{findings.Steps} steps, {findings.TrainSeconds:0} s on the processor) and was tested on {plan.TestImages} unseen scenes of that style and "
            + $"of each of five others."))
        .AddText("The fall of the mean IoU from the seen style to the others is the problem of the paper: domain generalised segmentation.")
        .AddTable(StyleColumns, StyleRows);

    private void AddPictures(HtmlReport page, string folder)
    {
        foreach (IGrouping<StreetStyle, DemoPicture> style in findings.Pictures.GroupBy(picture => picture.Style))
        {
            foreach ((int index, DemoPicture picture) in style.Index())
            {
                byte[] answer = Png(LabelPainter.Overlay(picture.Image, picture.Answer, ClassSet.Cityscapes.Colours, borders: true));
                AtomicFile.WriteAllBytes(Path.Combine(folder, $"{Name(style.Key)}-{index}.png"), answer);
                byte[] truth = Png(LabelPainter.Colours(picture.Truth, ClassSet.Cityscapes.Colours));
                page.AddImageRow(new ReportImage(Png(picture.Image), Name(style.Key)), new ReportImage(truth, "labels"), new ReportImage(answer, "answer"));
            }
        }
    }

    private static byte[] Png(RgbImage image) => ImageFile.EncodePng(PillowResize.Bilinear(image, Enlargement * image.Width, Enlargement * image.Height));

    private IReadOnlyList<string> StyleRow(StreetStyle style, SegmentationScores scores) =>
    [
        Name(style),
        style == StreetStyle.Source ? "yes" : "no",
        Percent.Text(scores.MeanIou),
        style == StreetStyle.Source ? "" : Percent.Text(SourceIou - scores.MeanIou),
        Percent.Text(scores.PixelAccuracy),
        Percent.Text(scores.MajorityBaselineMeanIou),
    ];

    private IReadOnlyList<string> UnseenRow()
    {
        SegmentationScores[] unseen = [.. findings.Scores.Where(pair => pair.Key != StreetStyle.Source).Select(pair => pair.Value.Scores)];
        double? mean = unseen.Average(scores => scores.MeanIou);
        return ["mean of the unseen", "no", Percent.Text(mean), Percent.Text(SourceIou - mean),
            Percent.Text(unseen.Average(scores => scores.PixelAccuracy)), Percent.Text(unseen.Average(scores => scores.MajorityBaselineMeanIou))];
    }

    private double? SourceIou => findings.Scores[StreetStyle.Source].Scores.MeanIou;

    private static string Name(StreetStyle style) => style.ToString().ToLowerInvariant();
}
