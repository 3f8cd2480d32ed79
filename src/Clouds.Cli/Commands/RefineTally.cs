using System.Globalization;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds refine` has done so far, also where it is stopped, with the records of images that earlier runs have done.</summary>
/// <param name="images">In all.</param>
internal sealed class RefineTally(int images)
{
    /// <summary>Records of images with all their results.</summary>
    public List<RefineRecord> Done { get; } = [];

    /// <summary>How many of them earlier runs have done.</summary>
    public int Skipped { get; set; }

    /// <summary>Images that could not be refined.</summary>
    public List<FailedImage> Failed { get; } = [];

    /// <summary>Writes the table, or the document; and the statistics' file.</summary>
    public void Write(string folder, bool json, VerbContext context)
    {
        RefineStatistics statistics = RefineStatistics.Of(Done, images - Done.Count - Failed.Count);
        AtomicFile.WriteAllBytes(Path.Combine(folder, "refine.json"), Encoding.UTF8.GetBytes(JsonText.Document(statistics)));
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { statistics, skipped = Skipped, failed = Failed }));
            return;
        }

        TextTable.Write(context.Console, ["class", "before %", "after %", "masks", "components", "score"], statistics.Classes.Select(Row));
        context.Out.WriteLine($"{Done.Count} refined{(Skipped > 0 ? $" ({Skipped} of them before)" : "")}, {Failed.Count} failed"
            + $"{(statistics.Left > 0 ? $", {statistics.Left} left" : "")}, {statistics.Unrefined} without a prompt");
        context.Out.WriteLine($"{statistics.Components} components, {statistics.Masks} masks; pixels without a label: "
            + $"{Percent.Text(statistics.UnlabelledBefore)} % before, {Percent.Text(statistics.UnlabelledAfter)} % after, "
            + $"{Percent.Text(statistics.Conflicts)} % by conflicts");
        Failed.ForEach(image => context.Error.WriteLine($"clouds: {image.Message}"));
    }

    /// <summary>Adds what the other ranks have refined, in the order of the images; what earlier runs have done, all ranks know.</summary>
    public void Merge(RankSession ranks)
    {
        var all = ranks.Gather((Done.Skip(Skipped).ToArray(), Failed.ToArray()).ToTuple(), "refined images");
        (RefineRecord[] done, FailedImage[] failed) = ([.. all.SelectMany(rank => rank.Item1)], [.. all.SelectMany(rank => rank.Item2)]);
        Done.RemoveRange(Skipped, Done.Count - Skipped);
        Done.AddRange(done);
        Failed.Clear();
        Failed.AddRange(failed);
    }

    /// <summary>How it ends where it is stopped.</summary>
    /// <param name="folder">Where the results are.</param>
    public CloudsException Interrupted(string folder) => new(
        Failure.Interrupted, "stopped before the last image; those counted have all their results", folder, $"{Done.Count + Failed.Count} of {images} images",
        next: "the same command with --skip-existing goes on");

    private static string[] Row(ClassStatistics row) =>
    [
        row.Name, Percent.Text(row.Before), Percent.Text(row.After), row.Masks.ToString(CultureInfo.InvariantCulture),
        row.Components.ToString(CultureInfo.InvariantCulture), row.Score?.ToString("0.000", CultureInfo.InvariantCulture) ?? "",
    ];
}

/// <summary>A class over all images; shares of all pixels.</summary>
/// <param name="Id">Train id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Before">Share of pixels before.</param>
/// <param name="After">Share of pixels after.</param>
/// <param name="Components">Components, dropped ones too where they are listed.</param>
/// <param name="Masks">Components with a mask.</param>
/// <param name="Score">Mean expected overlap of the chosen masks; null where there is none.</param>
internal sealed record ClassStatistics(int Id, string Name, double Before, double After, int Components, int Masks, double? Score);

/// <summary>All images together; shares of all pixels.</summary>
internal sealed record RefineStatistics(
    int Images, int Left, int Unrefined, int Components, int Masks, double UnlabelledBefore, double UnlabelledAfter, double Conflicts,
    IReadOnlyList<ClassStatistics> Classes)
{
    public static RefineStatistics Of(IReadOnlyList<RefineRecord> records, int left)
    {
        double pixels = Math.Max(1, records.Sum(record => (double)record.Width * record.Height));
        ILookup<int, RefinedRow> components = records.SelectMany(record => record.Components).ToLookup(row => row.Class);
        ClassStatistics[] classes = [.. records.SelectMany(record => record.Classes).GroupBy(row => row.Id).OrderBy(group => group.Key).Select(group =>
        {
            RefinedRow[] masks = [.. components[group.Key].Where(row => row.Chosen >= 0)];
            return new ClassStatistics(group.Key, group.First().Name, Share(group.Sum(row => row.Before)), Share(group.Sum(row => row.After)),
                components[group.Key].Count(), masks.Length, masks.Length == 0 ? null : masks.Average(row => row.Scores[row.Chosen]));
        })];
        return new RefineStatistics(
            records.Count, left, records.Count(record => record.IsUnrefined), components.Sum(group => group.Count()), classes.Sum(row => row.Masks),
            Share(records.Sum(record => record.UnlabelledBefore)), Share(records.Sum(record => record.UnlabelledAfter)),
            Share(records.Sum(record => (long)record.Conflicts)), classes);

        double Share(long count) => count / pixels;
    }
}
