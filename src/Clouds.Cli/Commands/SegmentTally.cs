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
    public List<(SegmentJob Job, CloudsException Failure)> Failed { get; } = [];

    /// <summary>Images that are over with.</summary>
    public int Count => Done.Count + Failed.Count;

    /// <summary>Writes the table, or the document.</summary>
    public void Write(bool json, VerbContext context)
    {
        int left = images - skipped - Count;
        if (json)
        {
            var failed = Failed.Select(pair => new { image = pair.Job.Image, message = CommandLineWords.Of(pair.Failure) });
            context.Out.WriteLine(JsonText.Line(new { images = Done, failed, skipped, left, passedOver }));
            return;
        }

        TextTable.Write(context.Console, ["image", "size", "most of it", "seconds"], Done.Select(image => image.Row));
        string others = $"{(skipped > 0 ? $", {skipped} skipped" : "")}{(left > 0 ? $", {left} left" : "")}"
            + (passedOver.Count > 0 ? $", {passedOver.Count} passed over: {PassedOverFile.Told(passedOver)}" : "");
        context.Out.WriteLine($"{Done.Count} labelled, {Failed.Count} failed{others}");
        foreach ((SegmentJob _, CloudsException failure) in Failed)
        {
            context.Error.WriteLine($"clouds: {CommandLineWords.Of(failure)}");
        }
    }

    /// <summary>How it ends where it is stopped.</summary>
    /// <param name="folder">Where the results are.</param>
    public CloudsException Interrupted(string folder) => new(
        Failure.Interrupted, "stopped before the last image; those listed have all their results", folder, $"{skipped + Count} of {images} images",
        next: "the same command with --skip-existing goes on");
}
