using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds segment` has done so far, also where it is stopped.</summary>
/// <param name="images">In all.</param>
/// <param name="skipped">Left out, as their results were there.</param>
/// <param name="passedOver">Files of the folders that are no images to label.</param>
internal sealed class SegmentTally(int images, int skipped, IReadOnlyList<PassedOverFile> passedOver)
{
    /// <summary>Images with all their results.</summary>
    public List<SegmentedImage> Done { get; } = [];

    /// <summary>Images that could not be read.</summary>
    public List<FailedImage> Failed { get; } = [];

    /// <summary>Images that are over with.</summary>
    public int Count => Done.Count + Failed.Count;

    /// <summary>Writes the table, or the document.</summary>
    public void Write(bool json, VerbContext context)
    {
        int left = images - skipped - Count;
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { images = Done, failed = Failed, skipped, left, passedOver }));
            return;
        }

        TextTable.Write(context.Console, ["image", "size", "most of it", "seconds"], Done.Select(image => image.Row));
        string others = $"{(skipped > 0 ? $", {skipped} skipped" : "")}{(left > 0 ? $", {left} left" : "")}"
            + (passedOver.Count > 0 ? $", {passedOver.Count} passed over: {PassedOverFile.Told(passedOver)}" : "");
        context.Out.WriteLine($"{Done.Count} labelled, {Failed.Count} failed{others}");
        Failed.ForEach(image => context.Error.WriteLine($"clouds: {image.Message}"));
    }

    /// <summary>Puts what all ranks have done in the place of this one's part, in the order of the images.</summary>
    public void Merge(RankSession ranks)
    {
        var all = ranks.Gather((Done.ToArray(), Failed.ToArray()).ToTuple(), "labelled images");
        (SegmentedImage[] done, FailedImage[] failed) = ([.. all.SelectMany(rank => rank.Item1)], [.. all.SelectMany(rank => rank.Item2)]);
        Done.Clear();
        Done.AddRange(done);
        Failed.Clear();
        Failed.AddRange(failed);
    }

    /// <summary>How it ends where it is stopped.</summary>
    /// <param name="folder">Where the results are.</param>
    public CloudsException Interrupted(string folder) => new(
        Failure.Interrupted, "stopped before the last image; those listed have all their results", folder, $"{skipped + Count} of {images} images",
        next: "the same command with --skip-existing goes on");
}
