using System.Globalization;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>Scores of data sets as files: tables of images and of confusions as CSV, everything as JSON.</summary>
internal static class ScoreFiles
{
    private const string Images = ".images.csv";
    private const string Confusion = ".confusion.csv";

    /// <summary>Makes the folder; one that holds scores which this run would not replace is refused, so that no table mixes two runs.</summary>
    /// <param name="folder">Where the files will go.</param>
    /// <param name="datasets">Names of the data sets.</param>
    /// <param name="overwrite">Whether such scores are removed instead.</param>
    /// <exception cref="CloudsException">Usage: older scores are there; Output: the folder cannot be written.</exception>
    public static void Prepare(string folder, IEnumerable<string> datasets, bool overwrite)
    {
        OutputFolder.Create(folder);
        HashSet<string> ours = [.. FileNames(datasets)];
        IEnumerable<string> stale = Directory.GetFiles(folder, $"*{Images}").Select(file => Path.GetFileName(file)[..^Images.Length])
            .Where(name => !ours.Contains(name) && File.Exists(Path.Combine(folder, $"{name}.json"))).Order(StringComparer.Ordinal);
        OutputFolder.Clear(folder, [.. stale.SelectMany(name => Present(folder, name))], overwrite);
    }

    /// <summary>Writes the files of each data set.</summary>
    /// <exception cref="CloudsException">Output: the folder cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<EvaluationResult> results)
    {
        OutputFolder.Create(folder);
        foreach ((string name, EvaluationResult result) in FileNames(results.Select(result => result.Dataset)).Zip(results))
        {
            AtomicFile.WriteAllBytes(Path.Combine(folder, $"{name}{Images}"), Encoding.UTF8.GetBytes(Csv(result)));
            AtomicFile.WriteAllBytes(Path.Combine(folder, $"{name}{Confusion}"), Encoding.UTF8.GetBytes(Csv(result.Counts.Matrix)));
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

    /// <summary>Pixels: a row for each answer, "no class" last, a column for each true class.</summary>
    internal static string Csv(ConfusionMatrix matrix)
    {
        IEnumerable<string> rows = matrix.Classes.Names.Append("no class").Select((name, answer) => string.Join(',',
            [Quote(name), .. matrix.Classes.Names.Select((_, truth) => matrix[answer, truth].ToString(CultureInfo.InvariantCulture))]));
        return string.Join('\n', [string.Join(',', matrix.Classes.Names.Prepend("answer / truth").Select(Quote)), .. rows]) + "\n";
    }

    private static IEnumerable<string> Present(string folder, string name) =>
        new[] { $"{name}{Images}", $"{name}{Confusion}", $"{name}.json" }.Where(file => File.Exists(Path.Combine(folder, file)));

    private static IEnumerable<string> Cells(ImageScore image) =>
    [
        Quote(image.Name),
        image.Pixels.ToString(CultureInfo.InvariantCulture),
        Share(image.MeanIou),
        Share(image.PixelAccuracy),
        image.IgnoredPixels.ToString(CultureInfo.InvariantCulture),
        .. image.ClassIou.Select(Share),
    ];

    private static IReadOnlyList<string> FileNames(IEnumerable<string> datasets) => DistinctNames.Of(
        datasets.Select(name => string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'))));

    private static string Share(double? value) => value?.ToString("0.000000", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
