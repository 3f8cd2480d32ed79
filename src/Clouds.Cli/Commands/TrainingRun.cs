using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Commands;

/// <summary>A run that `clouds train` is to start or to go on with.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Data">Its data set.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record TrainingRun(RunFolder Folder, string Data, CloudsSettings Settings)
{
    /// <summary>A new run; a folder that has one already is refused.</summary>
    public static TrainingRun Fresh(TrainVerb.Options options)
    {
        CloudsSettings settings = SettingsOf(options);
        if (options.Data is null)
        {
            throw new CloudsException(Failure.Usage, "there is no data set to train on", "clouds train",
                null, "--data SPEC", "name a data set, or give --resume to go on with the run in --out");
        }

        RequireWeights(options, settings.Training);
        RunFolder folder = new(options.Out);
        if (options.Anew)
        {
            folder.StartAnew();
            return new TrainingRun(folder, DatasetSource.Absolute(options.Data), settings);
        }

        string? used = Directory.Exists(options.Out) ? Directory.EnumerateFileSystemEntries(options.Out).FirstOrDefault() : null;
        return used is null
            ? new TrainingRun(folder, DatasetSource.Absolute(options.Data), settings)
            : throw new CloudsException(
                Failure.Usage,
                "the run's folder is not empty",
                options.Out,
                Path.GetFileName(used),
                "an empty or a new folder",
                File.Exists(folder.Checkpoint) ? "give --resume to go on with the run there, or choose another --out"
                    : File.Exists(folder.History) ? "give --anew to start again, or choose another --out: the run there has no checkpoint yet"
                    : "choose another --out, or give --anew to use this folder all the same");
    }

    /// <summary>An interrupted run; what is asked for must be what it was started with.</summary>
    public static TrainingRun Resumed(TrainVerb.Options options)
    {
        if (options.Anew)
        {
            throw new CloudsException(Failure.Usage, "a run cannot be resumed and started anew", "clouds train", "--resume and --anew", "one of them");
        }

        RunFolder folder = new(options.Out);
        SourceRun run = SourceRun.Interrupted(folder);
        if (options.Data is not null && DatasetSource.Absolute(options.Data) != run.Data)
        {
            throw Changed(options.Out, "the data set", DatasetSource.Absolute(options.Data), run.Data);
        }

        if (options.From is string from && Path.GetFullPath(ModelPath.Resolve(from, [])) is string model && model != run.Config.From)
        {
            throw Changed(options.Out, "the model that it started from", model, run.Config.From.Length > 0 ? run.Config.From : "none");
        }

        CloudsSettings saved = new() { Training = run.Config, Execution = new() { Threads = run.Threads } };
        CloudsSettings start = options.PresetOr(options.Preset) is Preset preset ? saved with { Training = CloudsSettings.Of(preset).Training } : saved;
        CloudsSettings asked = options.LoadSettings(start, "checkpoint").Value;
        RefuseChanges(options.Out, asked.Training, run.Config);
        return new TrainingRun(folder, run.Data, asked with { Training = run.Config });
    }

    // A model that a run starts from brings its network along.
    private static CloudsSettings SettingsOf(TrainVerb.Options options)
    {
        if (options.From is null)
        {
            return options.LoadSettings(options.Preset).Value;
        }

        string path = Path.GetFullPath(ModelPath.Resolve(options.From, []));
        using WeightSource file = WeightSource.Open(path);
        ModelDescription model = ModelDescription.Read(file);
        CloudsSettings start = CloudsSettings.Of(options.PresetOr(options.Preset) ?? Preset.Paper);
        SourceTrainingConfig training = start.Training with { Network = model.Network, TestShortSide = model.ShortSide, From = path };
        return options.LoadSettings(start with { Training = training }, "model").Value;
    }

    // The small preset learns from scratch by design; with all else it is nearly always an option that was forgotten, noticed days later.
    private static void RequireWeights(TrainVerb.Options options, SourceTrainingConfig training)
    {
        if (training.Encoder.Weights.Length == 0 && training.From.Length == 0 && options.PresetOr(options.Preset) != Preset.Small && !options.FromScratch)
        {
            throw new CloudsException(Failure.Usage, "there are no weights for the encoder to start from", "training.encoder.weights", "nothing",
                "a weight file",
                "--set training.encoder.weights=FILE, or --from MODEL, or --preset small, a network that learns from scratch, or --from-scratch");
        }
    }

    private static void RefuseChanges(string where, SourceTrainingConfig asked, SourceTrainingConfig saved)
    {
        string[] changed = [.. Leaves(asked).Zip(Leaves(saved)).Where(pair => pair.First.Text != pair.Second.Text).Select(pair => pair.First.Key)];
        if (changed.Length > 0)
        {
            string First(SourceTrainingConfig config) => Leaves(config).First(leaf => leaf.Key == changed[0]).Text;
            string rest = changed.Length == 1 ? "" : $" and {changed.Length - 1} more";
            throw Changed(where, $"training.{changed[0]}{rest}", First(asked), First(saved));
        }
    }

    private static IEnumerable<(string Key, string Text)> Leaves(SourceTrainingConfig config) =>
        Provenance.Of(config, config, new Dictionary<string, string>(), "").Leaves.Select(leaf => (leaf.Key, SettingConversion.Show(leaf.Value)));

    private static CloudsException Changed(string where, string what, string found, string expected) => new(
        Failure.Usage,
        $"a resumed run keeps its settings, and {what} would change",
        where,
        found,
        expected,
        "leave the option out to go on with the run, or start a new one with another --out");
}
