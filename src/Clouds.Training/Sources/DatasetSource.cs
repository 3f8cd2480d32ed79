using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Streets;

namespace Clouds.Training.Sources;

/// <summary>
/// Opens a data set by the text that users give: the path of a folder data set's JSON file (see <see cref="FolderDataset"/>), or
/// "streets:STYLE?key=value&amp;key=value" for the built-in street scenes (see <see cref="StreetSpec"/>).
/// </summary>
public static class DatasetSource
{
    /// <summary>Opens a data set.</summary>
    /// <param name="spec">Path of a JSON file, or "streets:..".</param>
    /// <param name="warn">Told in one sentence, from any thread that loads, where a file can be read but is not quite as it should be.</param>
    /// <exception cref="CloudsException">Usage: the text or the JSON file is wrong; BadInput: files are missing.</exception>
    public static IDataset Open(string spec, Action<string>? warn = null) =>
        StreetSpec.Fits(spec) ? new StreetDataset(StreetSpec.Parse(spec)) : FolderDataset.Open(spec, warn);

    /// <summary>Loads every sample once and collects all problems.</summary>
    /// <param name="spec">As for <see cref="Open"/>.</param>
    /// <param name="progress">Told after every sample; null: nobody.</param>
    /// <param name="warn">As for <see cref="Open"/>.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">Usage or BadInput, where not even the list of samples can be made.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport Check(
        string spec, IProgress<ProgressReport>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default) =>
        StreetSpec.Fits(spec) ? DatasetCheck.Run(Open(spec), progress, cancellation) : DatasetCheck.RunFile(spec, progress, warn, cancellation);

    /// <summary>The text under which a data set can be opened again from any folder: absolute where it is a path.</summary>
    public static string Absolute(string spec) => StreetSpec.Fits(spec) ? spec : Path.GetFullPath(spec);
}
