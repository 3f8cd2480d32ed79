using System.Xml;
using Clouds.Cli.Commands;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;

namespace Clouds.Cli.Method.Pages;

/// <summary>How Segment Anything redrew the teacher's labels of a few painted images: the five pictures of each x-ray, with the points asked.</summary>
internal sealed class RefinedImages(MethodFolder folder)
{
    private const string Ending = ".xray.html";
    private const int Points = 2;

    /// <summary>Adds them.</summary>
    /// <param name="page">The page.</param>
    /// <param name="most">How many.</param>
    /// <exception cref="CloudsException">BadInput: an x-ray is damaged.</exception>
    public void AddTo(HtmlReport page, int most)
    {
        string[] xrays = Directory.Exists(folder.Xray) ? [.. Directory.GetFiles(folder.Xray, $"*{Ending}").Order(StringComparer.Ordinal).Take(most)] : [];
        if (xrays.Length == 0)
        {
            page.AddNote("Segment Anything refined nothing in this run.");
            return;
        }

        page.AddText("For each painted image: what the teacher says of it; regions large enough (coloured) with the five points that are asked of Segment "
            + "Anything in each, smaller ones (dark) are dropped; its masks, red where they clash; the refined labels, black where nothing is claimed.");
        foreach (string xray in xrays)
        {
            Add(page, xray);
        }
    }

    private static void Add(HtmlReport page, string xray)
    {
        RefineRecord? record = RefineRecord.TryRead($"{xray[..^Ending.Length]}.refined.json");
        IReadOnlyList<ReportImage> pictures = Pictures(xray);
        string figures = string.Concat(pictures.Select((picture, i) => Figure(picture, i == Points && record is not null ? Circles(record) : "")));
        page.AddMarkup($"<div class=\"steps\">\n{figures}</div>\n");
        if (record is not null)
        {
            page.AddMarkup($"<p class=\"soft\">{HtmlPage.Escape(Story(record))}</p>\n");
        }
    }

    private static IReadOnlyList<ReportImage> Pictures(string xray)
    {
        try
        {
            return XrayPage.Steps(File.ReadAllText(xray));
        }
        catch (XmlException e)
        {
            throw new CloudsException(Failure.BadInput, "an x-ray of a refinement cannot be read", xray, e.Message, "a page of `clouds refine --xray`",
                "make it again", e);
        }
    }

    private static string Figure(ReportImage picture, string marks)
    {
        string caption = HtmlPage.Escape(picture.Caption);
        return $"<figure><div class=\"frame\"><img alt=\"{caption}\" src=\"{HtmlPage.Source(picture.File.Span)}\"/>{marks}</div>"
            + $"<figcaption>{caption}</figcaption></figure>\n";
    }

    private static string Circles(RefineRecord record)
    {
        double radius = record.Width / 130.0;
        IEnumerable<string> circles = record.Components.SelectMany(component => component.Points).Select(point =>
            FormattableString.Invariant($"<circle class=\"asked\" cx=\"{point[0] + 0.5}\" cy=\"{point[1] + 0.5}\" r=\"{radius:0.##}\"/>"));
        return $"<svg viewBox=\"0 0 {record.Width} {record.Height}\" aria-hidden=\"true\">{string.Concat(circles)}</svg>";
    }

    private static string Story(RefineRecord record)
    {
        int asked = record.Components.Count(component => component.Points.Count > 0);
        double pixels = (double)record.Width * record.Height / 100;
        return record.IsUnrefined ? "No region was large enough: the labels stay as they are." : FormattableString.Invariant(
            $"{asked} of {record.Components.Count} regions asked for, {record.Conflicts / pixels:0.0} % of the pixels lost to conflicts, ")
            + FormattableString.Invariant($"{record.UnlabelledAfter / pixels:0.0} % without a label afterwards.");
    }
}
