using System.Globalization;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Which ids of the label files were ignored, for the sets where that may be a mistake.</summary>
internal static class IgnoredIds
{
    private const int Shown = 5;

    // Cityscapes: label id * 1000 + instance.
    private const int FirstInstance = 1000;

    /// <summary>Looks into the label file of the sample that is ignored most.</summary>
    /// <param name="set">The set; anything but a folder of ids has nothing to say.</param>
    /// <param name="coverage">Its ignored pixels.</param>
    public static IEnumerable<string> Findings(IImageSet set, LabelCoverage coverage)
    {
        SampleCoverage? worst = coverage.Nothing || coverage.Findings().Any() ? coverage.Samples.MaxBy(sample => sample.IgnoredShare) : null;
        int index = worst is null ? -1 : Enumerable.Range(0, set.Count).First(i => set.SampleName(i) == worst.Name);
        KeyValuePair<ushort, int>[] ids = worst?.Ignored > 0 && set is FolderDataset folder
            ? [.. folder.IgnoredIds(index).OrderByDescending(id => id.Value).ThenBy(id => id.Key)]
            : [];
        if (ids.Length == 0)
        {
            return [];
        }

        IEnumerable<string> shares = ids.Take(Shown)
            .Select(id => string.Create(CultureInfo.InvariantCulture, $"{id.Key} on {(double)id.Value / worst!.Pixels:P1}"));
        string found = $"ignored in {worst!.Name}: id {string.Join(", ", shares)}{(ids.Length > Shown ? ", .." : "")} of its pixels";
        return ids.Any(id => id.Key >= FirstInstance)
            ? [$"{found}; ids from {FirstInstance} on look like instance ids: take the files of label ids in their place"]
            : [$"{found}; what of it is a class belongs into \"idMap\""];
    }
}
