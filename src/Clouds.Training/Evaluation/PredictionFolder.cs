using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>Label PNGs that some program made for the images of a data set. All that are missing are named at once, before anything is scored.</summary>
public sealed class PredictionFolder
{
    private readonly Dictionary<string, string> _files = [];
    private readonly FileEnding _endings = new();
    private readonly PredictionIds _ids;
    private readonly bool _resize;

    /// <summary>Finds the files.</summary>
    /// <param name="folder">Holds NAME.png or NAME.labels.png for each sample's name, with the name's folders or without them.</param>
    /// <param name="data">The data set.</param>
    /// <param name="config">What their ids mean and which size they have; null: train ids, and the size of the labels.</param>
    /// <exception cref="CloudsException">BadInput: there is no such folder, or predictions are missing; Usage: the id map is unknown or wrong.</exception>
    public PredictionFolder(string folder, IDataset data, PredictionConfig? config = null)
    {
        (_ids, _resize) = (PredictionIds.Of(config?.IdMap ?? "identity", data.Classes), config?.Resize ?? false);
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

    /// <summary>The prediction for an image, in train ids; 255 for no class.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="width">Width that it must have, or is resized to, in pixels.</param>
    /// <param name="height">Height likewise.</param>
    /// <exception cref="CloudsException">BadInput: it cannot be read, has another size or an id that is no class.</exception>
    public LabelMap Read(string name, int width, int height)
    {
        string file = _files[name];
        LabelMap map = _ids.Read(file);
        return (map.Width == width && map.Height == height) ? map
            : _resize ? NearestResize.Pillow(map, width, height)
            : throw new CloudsException(Failure.BadInput, "prediction and label have different sizes", file, $"{map.Width} x {map.Height} pixels",
                $"{width} x {height} pixels", "write predictions at the size of the label files, or have them resized (evaluation.predictions.resize=true)");
    }

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
