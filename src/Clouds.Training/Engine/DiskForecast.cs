using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Training.Engine;

/// <summary>The space that the files of a run will take.</summary>
/// <param name="Checkpoint">Bytes of a checkpoint.</param>
/// <param name="Kept">Checkpoints that stay.</param>
/// <param name="Other">Bytes of all other files.</param>
internal sealed record DiskForecast(long Checkpoint, int Kept, long Other)
{
    /// <summary>All of it; one checkpoint more is there while it is written.</summary>
    public long Bytes => ((Kept + 1) * Checkpoint) + Other;

    /// <summary>What has to fit, or nothing could be saved at all.</summary>
    public long Least => Checkpoint + Other;

    /// <summary>Tells what the run takes, and refuses to begin where not even one checkpoint has room.</summary>
    /// <param name="folder">The run; what it holds already counts as room.</param>
    /// <param name="free">Bytes that are free on its disk; null: nobody knows.</param>
    /// <param name="tell">Told in a sentence; null: nobody.</param>
    /// <exception cref="CloudsException">Output: no room.</exception>
    public void Require(RunFolder folder, long? free, Action<string>? tell)
    {
        if (free is not long bytes)
        {
            return;
        }

        long room = bytes + folder.Bytes;
        if (room < Least)
        {
            throw new CloudsException(Failure.Output, "the disk has no room for the run's checkpoint and models", folder.Path,
                $"{Size(bytes)} free", $"{Size(Least)}", "free space, or choose another folder");
        }

        string files = $"the run's files take up to {Size(Bytes)} of disk ({Kept} checkpoints of {Size(Checkpoint)}, one more while it is written, "
            + $"{Size(Other)} of models)";
        tell?.Invoke(room < Bytes
            ? $"the disk will be full before the run ends: {files}, and {Size(bytes)} are free; keep fewer (training.keepCheckpoints) or free space"
            : $"{files}, of which {Size(bytes)} are free");
    }

    /// <summary>Bytes that are free where a folder lies; null: the system does not say.</summary>
    public static long? FreeAt(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string Size(long bytes) => bytes < 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
