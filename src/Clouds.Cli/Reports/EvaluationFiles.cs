using System.Text;
using Clouds.Cli.Console;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Training.Foundation;

namespace Clouds.Cli.Reports;

/// <summary>What was measured of a foundation model, as files.</summary>
internal static class EvaluationFiles
{
    private const int Digits = 6;

    /// <summary>The numbers as they are written: measures are an object, a key each, rounded to six decimals.</summary>
    public static object Document(ModelEvaluation evaluation) => new
    {
        evaluation.Kind,
        evaluation.Model,
        evaluation.Files,
        evaluation.Data,
        evaluation.Count,
        evaluation.Seed,
        evaluation.Settings,
        Measures = evaluation.Measures.ToDictionary(measure => measure.Name, Rounded),
        LeftOut = evaluation.LeftOut.Select(problem => new { problem.Sample, problem.What }),
    };

    /// <summary>Writes evaluation.json, and where there are pictures sheet.png and sheet.html.</summary>
    /// <param name="folder">It is there.</param>
    /// <param name="measured">What was measured.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: a file cannot be written.</exception>
    public static void Write(string folder, MeasuredModel measured)
    {
        if (measured.Sheet is PictureSheet sheet)
        {
            AtomicFile.WriteAllBytes(Path.Combine(folder, "sheet.png"), ImageFile.EncodePng(sheet.Draw()));
            Page(measured.Evaluation, sheet).Save(Path.Combine(folder, "sheet.html"));
        }

        AtomicFile.WriteAllBytes(Path.Combine(folder, "evaluation.json"), Encoding.UTF8.GetBytes(JsonText.Document(Document(measured.Evaluation)) + "\n"));
    }

    private static double? Rounded(Measure measure) => measure.Value is double value ? Math.Round(value, Digits) : null;

    private static HtmlReport Page(ModelEvaluation evaluation, PictureSheet sheet)
    {
        HtmlReport page = new($"{evaluation.Kind}: {evaluation.Model}");
        page.AddText($"{evaluation.Count} of {evaluation.Data}, seed {evaluation.Seed}.");
        page.AddTable(["measure", "value"], evaluation.Measures.Select(measure => (string[])[measure.Text, measure.Shown]));
        foreach (SheetRow row in sheet.Rows)
        {
            page.AddSmallHeading(row.Text);
            page.AddImageRow([.. row.Pictures.Zip(sheet.Columns, (picture, column) => new ReportImage(ImageFile.EncodePng(picture), column))]);
        }

        return page;
    }
}
