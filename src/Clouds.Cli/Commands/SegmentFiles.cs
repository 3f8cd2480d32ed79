using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds segment` writes for an image, and what earlier runs left in the same folder.</summary>
/// <param name="folder">The output folder.</param>
/// <param name="overlay">Format of overlays.</param>
/// <param name="scores">Whether scores are written.</param>
internal sealed class SegmentFiles(string folder, OverlayFormat overlay, bool scores)
{
    private const string LabelsEnding = ".labels.png";
    private const string ScoresEnding = ".scores.safetensors";
    private const string ReportEnding = ".json";

    private static readonly string[] Endings = [LabelsEnding, OverlayEnding(OverlayFormat.Png), OverlayEnding(OverlayFormat.Jpeg), ScoresEnding, ReportEnding];

    public static string Labels(string path) => path + LabelsEnding;

    public static string Overlay(string path, OverlayFormat format) => path + OverlayEnding(format);

    public static string Scores(string path) => path + ScoresEnding;

    public static string Report(string path) => path + ReportEnding;

    /// <summary>Whether all results of an image lie there.</summary>
    public bool IsComplete(SegmentJob job) => Written(job).All(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>Refuses results of earlier runs that this one would leave beside its own, or removes them.</summary>
    /// <exception cref="CloudsException">Usage: there are some and they may not be removed; Output: they cannot be.</exception>
    public void Clear(IReadOnlyList<SegmentJob> jobs, bool overwrite)
    {
        HashSet<string> ours = [.. jobs.SelectMany(Written)];
        OutputFolder.Clear(folder, [.. Earlier(jobs).Where(name => !ours.Contains(name))], overwrite,
            "choose another --out, give --overwrite to remove them, or --skip-existing to go on beside them");
    }

    /// <summary>Removes what this run replaces: where it is stopped, or an image fails, no older result passes for one of its own.</summary>
    /// <exception cref="CloudsException">Output: a file cannot be removed.</exception>
    public void Remove(IReadOnlyList<SegmentJob> jobs) => OutputFolder.Remove(folder, Earlier(jobs));

    private static string OverlayEnding(OverlayFormat format) => format == OverlayFormat.Jpeg ? ".overlay.jpg" : ".overlay.png";

    private string[] Written(SegmentJob job)
        => [Labels(job.Name), Overlay(job.Name, overlay), .. scores ? [Scores(job.Name)] : Array.Empty<string>(), Report(job.Name)];

    // Labels alone may be anybody's; with another of our files beside them they are ours. Inputs are never taken for results.
    private string[] Earlier(IReadOnlyList<SegmentJob> jobs)
    {
        HashSet<string> inputs = [.. jobs.Select(job => Path.GetFullPath(job.Image))];
        return [.. FolderWalk.Files(folder, name => name.EndsWith(LabelsEnding, StringComparison.Ordinal))
            .Select(name => Present(name[..^LabelsEnding.Length]))
            .Where(names => names.Length > 1)
            .SelectMany(names => names)
            .Where(name => !inputs.Contains(Path.GetFullPath(name, Path.GetFullPath(folder))))];
    }

    private string[] Present(string stem) => [.. Endings.Select(ending => stem + ending).Where(name => File.Exists(Path.Combine(folder, name)))];
}
