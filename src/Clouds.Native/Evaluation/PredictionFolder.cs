using Clouds.Graph.Diagnostics;
using Clouds.Native.Datasets;
using Clouds.Native.Images;

namespace Clouds.Native.Evaluation;

/// <summary>Label PNGs that some program made for the images of a data set. All that are missing are named at once, before anything is scored.</summary>
internal sealed class PredictionFolder
{
    private readonly Dictionary<string, string> _files = [];

    public PredictionFolder(string folder, IDataset data)
    {
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "the folder of predictions does not exist", folder, null, "a folder of label PNGs", "correct --predictions");
        }

        string[] names = [.. Enumerable.Range(0, data.Count).Select(data.SampleName)];
        string[] missing = [.. names.Where(name => !Find(folder, name))];
        if (missing.Length > 0)
        {
            throw new CloudsException(
                Failure.BadInput,
                $"{missing.Length} of {names.Length} predictions are missing",
                folder,
                "no file for " + string.Join(", ", missing.Take(3)) + (missing.Length > 3 ? ", .." : ""),
                $"{missing[0]}.png or {missing[0]}.labels.png",
                "write one label PNG of train ids for every image of the data set");
        }
    }

    public LabelMap Read(Sample sample)
    {
        LabelMap map = LabelPng.Read(_files[sample.Name]);
        return map.Width == sample.Labels.Width && map.Height == sample.Labels.Height
            ? map
            : throw new CloudsException(
                Failure.BadInput,
                "prediction and label have different sizes",
                _files[sample.Name],
                $"{map.Width} x {map.Height} pixels",
                $"{sample.Labels.Width} x {sample.Labels.Height} pixels",
                "write predictions at the size of the label files");
    }

    private bool Find(string folder, string name)
    {
        string flat = Path.GetFileName(name);
        string? file = new[] { $"{name}.png", $"{name}.labels.png", $"{flat}.png", $"{flat}.labels.png" }
            .Select(candidate => Path.Combine(folder, candidate))
            .FirstOrDefault(File.Exists);
        return file is not null && _files.TryAdd(name, file);
    }
}
