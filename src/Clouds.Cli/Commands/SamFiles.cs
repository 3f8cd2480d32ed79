using System.Text.RegularExpressions;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds sam` writes for an image, and what earlier runs left in the same folder.</summary>
/// <param name="folder">The output folder.</param>
internal sealed partial class SamFiles(string folder)
{
    private const string RecordEnding = ".sam.json";

    public string Record(SegmentJob job) => Path.Combine(folder, job.Name + RecordEnding);

    public string Overlay(SegmentJob job) => Path.Combine(folder, job.Name + ".sam.overlay.png");

    public string Everything(SegmentJob job) => Path.Combine(folder, job.Name + ".sam.everything.json");

    /// <summary>File of a mask.</summary>
    /// <param name="job">The image.</param>
    /// <param name="prompt">From 0.</param>
    /// <param name="mask">From 0; null: the only one of the prompt.</param>
    public string Mask(SegmentJob job, int prompt, int? mask) => Path.Combine(folder, $"{job.Name}.sam.{prompt + 1}.mask{mask + 1}.png");

    /// <summary>
    /// Removes what earlier runs left for these images, so that no older result passes for a new one; refuses that of others, or removes it too.
    /// </summary>
    /// <exception cref="CloudsException">Usage: there is some and it may not be removed; Output: it cannot be.</exception>
    public void Clear(IReadOnlyList<SegmentJob> jobs, bool overwrite)
    {
        HashSet<string> names = [.. jobs.Select(job => job.Name.Replace('\\', '/'))];
        HashSet<string> inputs = [.. jobs.Select(job => Path.GetFullPath(job.Image))];
        ILookup<bool, string> earlier = FolderWalk.Files(folder, name => Ours().IsMatch(name))
            .Where(name => !inputs.Contains(Path.GetFullPath(name, Path.GetFullPath(folder))))
            .ToLookup(name => names.Contains(Ours().Replace(name, "").Replace('\\', '/')));
        OutputFolder.Clear(folder, [.. earlier[false]], overwrite);
        OutputFolder.Remove(folder, [.. earlier[true]]);
    }

    [GeneratedRegex(@"\.sam\.(json|everything\.json|overlay\.png|[0-9]+\.mask[0-9]*\.png)$")]
    private static partial Regex Ours();
}
