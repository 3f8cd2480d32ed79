using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>From what another program writes for classes to train ids.</summary>
internal sealed class PredictionIds
{
    private const string Identity = "identity";
    private const string Colours = "colours";

    private readonly Func<string, LabelMap> _read;

    private PredictionIds(Func<string, LabelMap> read) => _read = read;

    /// <summary>The meaning that a setting names.</summary>
    /// <param name="name">identity, a prepared id map, colours, or a JSON file: an object of ids and classes, as "idMap" of a data set's description.</param>
    /// <param name="classes">The classes that are scored.</param>
    /// <exception cref="CloudsException">Usage: unknown, wrong, or leading to other classes.</exception>
    public static PredictionIds Of(string name, ClassSet classes) => name switch
    {
        Identity => new(file => TrainIds(file, classes)),
        Colours => new(ColoursOf(classes).Read),
        _ when IdMap.PreparedNames.Contains(name) && classes.Names.SequenceEqual(ClassSet.Cityscapes.Names) =>
            Mapped(new IdMap(name, IdMap.PreparedPairs(name), ignoreUnlisted: true)),
        _ when File.Exists(name) => Mapped(new IdMap(name, Pairs(name, classes), ignoreUnlisted: false)),
        _ => throw Unknown(name, classes),
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CloudsException">BadInput: it cannot be read, or says something that is no class.</exception>
    public LabelMap Read(string file) => _read(file);

    private static PredictionIds Mapped(IdMap ids) => new(file =>
    {
        LabelMap map = LabelPng.Read(file, ids.ReadsRed);
        ids.Apply(map, file);
        return map;
    });

    private static LabelMap TrainIds(string file, ClassSet classes)
    {
        LabelMap map = LabelPng.Read(file);
        ushort? wrong = map.Ids.Where(id => id >= classes.Count && id != LabelMap.Ignore).Select(id => (ushort?)id).FirstOrDefault();
        return wrong is null ? map : throw new CloudsException(Failure.BadInput, "a prediction has an id that is no class", file, $"id {wrong}",
            $"train ids 0 to {classes.Count - 1}, or 255 for no class", "write train ids, or say what the ids are (evaluation.predictions.idMap)");
    }

    private static LabelColours ColoursOf(ClassSet classes)
    {
        Dictionary<RgbColour, ushort> ids = new() { [default] = LabelMap.Ignore };
        foreach ((int id, RgbColour colour) in classes.Colours.Index())
        {
            ids[colour] = (ushort)id;
        }

        return classes.Colours.Distinct().Count() == classes.Count ? new LabelColours(ids, ignoreUnlisted: false) : throw new CloudsException(
            Failure.Usage, "two classes have the same colour", "evaluation.predictions.idMap", Colours, "ids, where colours do not tell classes apart");
    }

    private static Dictionary<int, int> Pairs(string file, ClassSet classes) =>
        FolderDescriptionReader.OwnPairs(StrictJson.Parse(WholeFile.Read(file), new JsonOrigin("the id map", file, Failure.Usage)), classes);

    private static CloudsException Unknown(string name, ClassSet classes)
    {
        string[] known = [Identity, .. classes.Names.SequenceEqual(ClassSet.Cityscapes.Names) ? IdMap.PreparedNames : [], Colours];
        return new CloudsException(Failure.Usage, "the id map of predictions is unknown", "evaluation.predictions.idMap", name,
            $"{string.Join(", ", known)}, or a JSON file", NearestName.Find(name, known) is string near ? $"did you mean {near}?" : "choose one of these");
    }
}
