using System.Globalization;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>Scores of data sets as files: a table of images as CSV, everything as JSON.</summary>
internal static class ScoreFiles
{
    /// <summary>Writes both files of each data set.</summary>
    /// <exception cref="CloudsException">Output: the folder cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<EvaluationResult> results)
    {
        OutputFolder.Create(folder);
        foreach ((string name, EvaluationResult result) in Names(results).Zip(results))
        {
            AtomicFile.WriteAllBytes(Path.Combine(folder, $"{name}.images.csv"), Encoding.UTF8.GetBytes(Csv(result)));
            AtomicFile.WriteAllBytes(Path.Combine(folder, $"{name}.json"), Encoding.UTF8.GetBytes(JsonText.Document(result)));
        }
    }

    /// <summary>One row an image; shares from 0 to 1, empty where a class is absent.</summary>
    internal static string Csv(EvaluationResult result)
    {
        IEnumerable<string> names = ["image", "pixels", "mIoU", "pixelAccuracy", "ignoredPixels", .. result.Scores.Classes.Select(score => score.Name)];
        IEnumerable<string> rows = result.Images.Select(image => string.Join(',', Cells(image)));
        return string.Join('\n', [string.Join(',', names.Select(Quote)), .. rows]) + "\n";
    }

    private static IEnumerable<string> Cells(ImageScore image) =>
    [
        Quote(image.Name),
        image.Pixels.ToString(CultureInfo.InvariantCulture),
        Share(image.MeanIou),
        Share(image.PixelAccuracy),
        image.IgnoredPixels.ToString(CultureInfo.InvariantCulture),
        .. image.ClassIou.Select(Share),
    ];

    // Two data sets may have one name: the second gets a number.
    private static IEnumerable<string> Names(IReadOnlyList<EvaluationResult> results)
    {
        HashSet<string> used = [];
        foreach (EvaluationResult result in results)
        {
            string plain = string.Concat(result.Dataset.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
            string name = plain;
            for (int i = 2; !used.Add(name); i++)
            {
                name = $"{plain}-{i}";
            }

            yield return name;
        }
    }

    private static string Share(double? value) => value?.ToString("0.000000", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
