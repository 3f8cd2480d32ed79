using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Stores;

/// <summary>Says what filling a store will take: at first the most that its files can be, after an image the time and the bytes that it took.</summary>
/// <param name="store">The store.</param>
/// <param name="tell">Told in a sentence.</param>
internal sealed class StoreForecast(ImageStore store, Action<string> tell)
{
    private const double Giga = 1 << 30;
    private const double Mega = 1 << 20;

    // A PNG is no larger than the pixels, but for some bytes a row and the text.
    private long Most => (3L * store.Plan.Width * store.Plan.Height) + store.Plan.Height + (1 << 14);

    private int _left;
    private bool _told;

    /// <summary>Before the first image.</summary>
    /// <param name="missing">Images to paint.</param>
    /// <param name="all">Images of this part.</param>
    public void Begin(int missing, int all)
    {
        _left = missing;
        if (missing > 0)
        {
            string there = all == missing ? "" : $", {all - missing} are there";
            tell($"{missing} images of {store.Plan.Width} x {store.Plan.Height} to paint{there}; at most {Size(missing * Most)} on the disk, "
                + $"which has {Size(Free)}");
        }
    }

    /// <summary>After each.</summary>
    public void Painted(StoredNow now)
    {
        _left--;
        if (!_told && _left > 0)
        {
            string most = _left * now.Bytes > Free ? $"; the disk has no more than {Size(Free)}" : "";
            tell($"the first image took {ProgressClock.Duration(TimeSpan.FromSeconds(now.Seconds))} and {Size(now.Bytes)}: about "
                + $"{ProgressClock.Duration(TimeSpan.FromSeconds(_left * now.Seconds))} and {Size(_left * now.Bytes)} for the {_left} that are left{most}");
        }

        _told = true;
    }

    private long Free => new DriveInfo(Path.GetFullPath(store.Folder)).AvailableFreeSpace;

    private static string Size(long bytes) => bytes >= Giga
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / Giga:0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / Mega:0.0} MiB");
}
