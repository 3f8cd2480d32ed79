using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds sam` has done so far, also where it is stopped.</summary>
/// <param name="images">In all.</param>
/// <param name="passedOver">Files of the folders that are no images.</param>
internal sealed class SamTally(int images, IReadOnlyList<PassedOverFile> passedOver)
{
    /// <summary>Records of images with all their results.</summary>
    public List<SamRecord> Done { get; } = [];

    /// <summary>Images that could not be read, or that the prompts do not fit.</summary>
    public List<(SegmentJob Job, CloudsException Failure)> Failed { get; } = [];

    /// <summary>Writes the table, or the document.</summary>
    public void Write(bool json, VerbContext context)
    {
        int left = images - Done.Count - Failed.Count;
        if (json)
        {
            var failed = Failed.Select(pair => new { image = pair.Job.Image, message = CommandLineWords.Of(pair.Failure) });
            context.Out.WriteLine(JsonText.Line(new { images = Done, failed, left, passedOver }));
            return;
        }

        TextTable.Write(context.Console, ["image", "prompt", "score", "pixels", "box", "file"], Done.SelectMany(Rows));
        context.Out.WriteLine($"{Done.Count} answered, {Failed.Count} failed{(left > 0 ? $", {left} left" : "")}"
            + (passedOver.Count > 0 ? $", {passedOver.Count} passed over: {PassedOverFile.Told(passedOver)}" : ""));
        Failed.ForEach(pair => context.Error.WriteLine($"clouds: {CommandLineWords.Of(pair.Failure)}"));
    }

    /// <summary>How it ends where it is stopped.</summary>
    /// <param name="folder">Where the results are.</param>
    public CloudsException Interrupted(string folder) => new(
        Failure.Interrupted, "stopped before the last image; those listed have all their results", folder, $"{Done.Count + Failed.Count} of {images} images",
        next: "the same command begins anew; images that were looked at are in the cache");

    // The best mask of each prompt, or how many there are without.
    private static IEnumerable<string[]> Rows(SamRecord record) => record.Everything is SamFound found
        ? [[record.Image, $"{found.Masks} masks", "", "", "", found.File]]
        : record.Prompts.Select((prompt, i) => Row(record.Image, i + 1, prompt.Masks.First(mask => mask.Best)));

    private static string[] Row(string image, int prompt, SamMaskRow best) =>
    [
        image, prompt.ToString(CultureInfo.InvariantCulture), best.Score.ToString("0.000", CultureInfo.InvariantCulture),
        best.Area.ToString(CultureInfo.InvariantCulture), string.Join(',', best.Box), best.File,
    ];
}
