using Clouds.Native.Catalogue;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Experiments;

/// <summary>What an experiment cannot do without, or hardly.</summary>
internal enum NeedKind
{
    /// <summary>A data set.</summary>
    Data,

    /// <summary>Published weights.</summary>
    Weights,

    /// <summary>Label images of another program.</summary>
    Predictions,

    /// <summary>A GPU: without one it would take months.</summary>
    Gpu,
}

/// <summary>One of these, and whether it is here.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsHere">Whether it is here; whether it is whole nobody has looked.</param>
/// <param name="Place">Where it lies, or is expected.</param>
/// <param name="Next">How one gets it.</param>
internal sealed record Need(NeedKind Kind, string Name, bool IsHere, string Place, string Next)
{
    /// <summary>Everything that an experiment needs.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Where data sets lie.</param>
    /// <param name="weights">Where weights lie.</param>
    /// <param name="predictions">Folder of label images; null: none was named.</param>
    /// <param name="gpu">Whether a GPU of this machine is used.</param>
    public static IReadOnlyList<Need> Of(Experiment experiment, DataPlaces data, WeightPlaces weights, string? predictions, bool gpu)
    {
        ExperimentConfig config = experiment.Config;
        List<Need> needs = [.. DataOf(experiment).Select(name => DataNeed(name, data))];
        if (config.Encoder.Length > 0 && config.Kind == ExperimentKind.Train)
        {
            needs.Add(WeightNeed(config.Encoder, weights.Find(config.Encoder)));
        }

        if (UsesSam(experiment))
        {
            string sam = WeightPlaces.NameOf(experiment.Settings.Value.Sam.Variant);
            needs.Add(WeightNeed(sam, weights.Find(sam)));
        }

        if (config.Kind == ExperimentKind.Evaluate && config.Model.Length > 0)
        {
            needs.Add(ModelNeed(config.Model, weights.FindImported(config.Model)));
        }

        if (config.Kind == ExperimentKind.Score)
        {
            needs.Add(new Need(NeedKind.Predictions, "label images", predictions is not null && Directory.Exists(predictions), predictions ?? "",
                $"run the other program, and give --predictions DIR with a folder for each set: {string.Join(", ", config.Tests)}"));
        }

        return config.Kind == ExperimentKind.Train && experiment.Published is not null ? [.. needs, new Need(
            NeedKind.Gpu, "GPU", gpu, gpu ? "this machine" : "", "the form of the program for GPUs and a machine with one: docs/gpu.md")] : needs;
    }

    /// <summary>The data sets of an experiment, those that it trains on first.</summary>
    public static IReadOnlyList<string> DataOf(Experiment experiment)
    {
        ExperimentConfig config = experiment.Config;
        string[] trained = config.Kind == ExperimentKind.Train ? [config.Source, .. experiment.SelfTrains ? [config.Generated] : (string[])[]] : [];
        return [.. trained.Where(name => name.Length > 0).Concat(config.Tests).Distinct()];
    }

    /// <summary>Whether labels are refined with Segment Anything.</summary>
    public static bool UsesSam(Experiment experiment) =>
        experiment.Config.Kind == ExperimentKind.Train && experiment.SelfTrains && experiment.Settings.Value.SelfTraining.Refine;

    /// <summary>Whether a device is a GPU.</summary>
    public static bool IsGpu(Device device) => device.TensorGpu is not null;

    private static Need DataNeed(string name, DataPlaces data) => PaperSet.Find(name) is PaperSet set
        ? new Need(NeedKind.Data, name, data.Has(name), data.FolderOf(set), $"{set.Home}; there: {set.Layout}")
        : new Need(NeedKind.Data, name, true, name, "");

    private static Need WeightNeed(string name, string? file) => new(NeedKind.Weights, name, file is not null, file ?? "", $"`clouds model get {name}`");

    private static Need ModelNeed(string name, string? file) => new(NeedKind.Weights, name, file is not null, file ?? "",
        $"fetch the checkpoint from {ModelCatalogue.BuiltIn[name].Home}; `clouds model import CHECKPOINT --out {name}.safetensors --classes CLASSES`; "
        + $"--weights {name}={name}.safetensors");
}
