using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Label PNGs that some program made for the images of a data set. All that are missing are named at once, before anything is scored.</summary>
internal sealed class PredictionFolder
{
    private readonly Dictionary<string, string> _files = [];
    private readonly FileEnding _endings = new();
    private readonly int _classes;

    public PredictionFolder(string folder, IDataset data)
    {
        _classes = data.Classes.Count;
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(
                Failure.BadInput, "the folder of predictions does not exist", folder, null, "a folder of label PNGs", "check the path");
        }

        string[] names = [.. Enumerable.Range(0, data.Count).Select(data.SampleName)];
        // A name without its folders means one image only where no other image has it too.
        HashSet<string> flat = [.. names.GroupBy(Path.GetFileName).Where(group => group.Count() == 1).Select(group => group.Key!)];
        string[] missing = [.. names.Where(name => !Find(folder, name, flat))];
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
        string file = _files[sample.Name];
        LabelMap map = LabelPng.Read(file);
        if (map.Width != sample.Labels.Width || map.Height != sample.Labels.Height)
        {
            throw Misfit("prediction and label have different sizes", file, $"{map.Width} x {map.Height} pixels",
                $"{sample.Labels.Width} x {sample.Labels.Height} pixels", "write predictions at the size of the label files");
        }

        ushort? wrong = map.Ids.Where(id => id >= _classes && id != LabelMap.Ignore).Select(id => (ushort?)id).FirstOrDefault();
        return wrong is null
            ? map
            : throw Misfit("a prediction has an id that is no class", file, $"id {wrong}",
                $"train ids 0 to {_classes - 1}, or 255 for no class", "write train ids, not the ids of the label files");
    }

    private static CloudsException Misfit(string what, string file, string found, string expected, string next)
        => new(Failure.BadInput, what, file, found, expected, next);

    private bool Find(string folder, string name, HashSet<string> flat)
    {
        string last = Path.GetFileName(name);
        string[] candidates = flat.Contains(last) ? [name, last] : [name];
        string? file = candidates.SelectMany(candidate => new[] { $"{candidate}.png", $"{candidate}.labels.png" })
            .Select(candidate => _endings.Find(Path.Combine(folder, candidate)))
            .FirstOrDefault(File.Exists);
        return file is not null && _files.TryAdd(name, file);
    }
}
