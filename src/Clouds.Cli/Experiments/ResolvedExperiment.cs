using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Cli.Experiments;

/// <summary>An experiment whose data sets and weights were found on this machine, and opened; whatever is missing is told before anything begins.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Settings">Its settings with the machine's paths in them.</param>
/// <param name="Source">The source domain; null where nothing is trained.</param>
/// <param name="Generated">The generated images; null where there is no second stage.</param>
/// <param name="Tests">The test sets under the names that the experiment has for them.</param>
/// <param name="Model">The published model, of a row that evaluates one; null for other rows.</param>
/// <param name="Weights">Files of published weights by name.</param>
internal sealed record ResolvedExperiment(
    Experiment Experiment,
    CloudsSettings Settings,
    TrainingData? Source,
    ImageData? Generated,
    IReadOnlyList<(string Name, IDataset Data)> Tests,
    string? Model,
    IReadOnlyDictionary<string, string> Weights)
{
    /// <summary>Finds and opens everything.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Where data sets lie.</param>
    /// <param name="weights">Where weights lie.</param>
    /// <param name="progress">Told while data are looked at.</param>
    /// <param name="warn">Told in a sentence what a user should know.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">Usage or BadInput: a set cannot be opened.</exception>
    public static ResolvedExperiment Open(Experiment experiment, DataPlaces data, WeightPlaces weights,
        IProgress<ProgressReport> progress, Action<string> warn, CancellationToken cancellation)
    {
        ExperimentConfig config = experiment.Config;
        Dictionary<string, string> files = Files(experiment, weights);
        CloudsSettings settings = Placed(experiment, data, files);
        bool trains = config.Kind == ExperimentKind.Train;
        IReadOnlyList<(string, IDataset)> tests = [.. config.Tests.Select(name => (name, DatasetSource.Open(data.SpecOf(name), warn)))];
        TrainingData? source = trains ? CheckedData.Open(settings.Training.Data, settings.Data, CheckCache.OfUser, progress, warn, cancellation) : null;
        ImageData? generated = trains && experiment.SelfTrains
            ? CheckedData.OpenImages(settings.SelfTraining.Generated.Data, settings.SelfTraining.Generated.Limit,
                settings.Data, CheckCache.OfUser, progress, warn, cancellation)
            : null;
        return new ResolvedExperiment(experiment, settings, source, generated, tests,
            config.Kind == ExperimentKind.Evaluate ? files.GetValueOrDefault(config.Model) ?? config.Model : null, files);
    }

    /// <summary>What differs from the row as the paper has it, a sentence each.</summary>
    public IEnumerable<string> Deviations()
    {
        Dictionary<string, string> own = SettingsDigest.Leaves(Experiment.Own.Value).ToDictionary(leaf => leaf.Key, leaf => leaf.Value);
        IEnumerable<string> settings = SettingsDigest.Leaves(Experiment.Settings.Value).Where(leaf => own.GetValueOrDefault(leaf.Key) != leaf.Value)
            .Select(leaf => $"{leaf.Key} is {leaf.Value}, not {own.GetValueOrDefault(leaf.Key) ?? "there"}");
        return settings.Concat(Counts()).Concat(Own()).Distinct();
    }

    // A row with a part of the images is none of the paper's.
    private IEnumerable<string> Counts() => Sets().Select(set => (set.Name, set.Count, Paper: PaperSet.Find(set.Name)))
        .Where(set => set.Paper is not null && set.Name != PaperSet.Generated && set.Count != set.Paper.Images)
        .Select(set => $"{set.Name} has {set.Count} images, not {set.Paper!.Images}")
        .Concat(Generated is not null && Settings.SelfTraining.Generated.Limit > Generated.Images.Count
            ? [$"there are {Generated.Images.Count} generated images, not {Settings.SelfTraining.Generated.Limit}"] : (string[])[]);

    // Sets that the row itself names are what they are: what stands in the place of one of the paper's is not.
    private IEnumerable<string> Own() => Experiment.Published is null ? [] : Need.DataOf(Experiment).Where(name => PaperSet.Find(name) is null)
        .Select(name => $"{name} is no data set of the paper");

    private IEnumerable<(string Name, int Count)> Sets() =>
    [
        .. Source is null ? [] : ((string, int)[])[(Experiment.Config.Source, Source.Samples.Count)],
        .. Tests.Select(test => (test.Name, test.Data.Count)),
    ];

    private static Dictionary<string, string> Files(Experiment experiment, WeightPlaces weights)
    {
        ExperimentConfig config = experiment.Config;
        string[] names = [.. config.Kind == ExperimentKind.Train && config.Encoder.Length > 0 ? [config.Encoder] : (string[])[],
            .. Need.UsesSam(experiment) ? [WeightPlaces.NameOf(experiment.Settings.Value.Sam.Variant)] : (string[])[]];
        Dictionary<string, string> files = names.Where(name => weights.Find(name) is not null).ToDictionary(name => name, name => weights.Find(name)!);
        if (config.Kind == ExperimentKind.Evaluate && weights.FindImported(config.Model) is string model)
        {
            files.Add(config.Model, model);
        }

        return files;
    }

    private static CloudsSettings Placed(Experiment experiment, DataPlaces data, Dictionary<string, string> files)
    {
        (CloudsSettings settings, ExperimentConfig config) = (experiment.Settings.Value, experiment.Config);
        string SpecOf(string name, string written) => name.Length > 0 ? DatasetSource.Absolute(data.SpecOf(name)) : written;
        string sam = WeightPlaces.NameOf(settings.Sam.Variant);
        return settings with
        {
            Training = settings.Training with
            {
                Data = SpecOf(config.Source, settings.Training.Data),
                Encoder = settings.Training.Encoder with { Weights = files.GetValueOrDefault(config.Encoder) ?? settings.Training.Encoder.Weights },
            },
            SelfTraining = settings.SelfTraining with
            {
                Generated = settings.SelfTraining.Generated with { Data = SpecOf(config.Generated, settings.SelfTraining.Generated.Data) },
            },
            Sam = settings.Sam with { Weights = files.GetValueOrDefault(sam) ?? settings.Sam.Weights },
        };
    }
}
