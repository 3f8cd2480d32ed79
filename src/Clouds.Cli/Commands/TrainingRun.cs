using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Commands;

/// <summary>A run that `clouds train` is to start or to go on with.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Data">Its source domain.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record TrainingRun(RunFolder Folder, string Data, CloudsSettings Settings)
{
    // They change no bit of a step, so a run that is resumed may have them anew.
    private static readonly string[] Free = ["training.checkpointEvery", "training.keepCheckpoints", "training.validation.patience"];

    /// <summary>Its stages, where self-training is one of them; null: stage 1 alone.</summary>
    public StagedRun? Stages { get; private init; }

    /// <summary>A new run; a folder that has one already is refused.</summary>
    public static TrainingRun Fresh(TrainVerb.Options options)
    {
        CloudsSettings settings = Anywhere(SettingsOf(options));
        string data = options.Data ?? settings.Training.Data;
        if (data.Length == 0)
        {
            throw new CloudsException(Failure.Usage, "there is no data set to train on", "clouds train",
                null, "--data SPEC", "name a data set, here or as training.data, or give --resume to go on with the run in --out");
        }

        RequireWeights(options, settings.Training);
        string spec = DatasetSource.Absolute(data);
        StagedRun? stages = StagePlan.Of(settings).Contains(StagedRun.Self) ? StagePlan.Run(settings, spec) : null;
        return new TrainingRun(FreshFolder(options), spec, settings) { Stages = stages };
    }

    /// <summary>The same with another number of steps in its last stage.</summary>
    public TrainingRun WithSteps(long steps) => Stages is null
        ? this with { Settings = Settings with { Training = Settings.Training with { Steps = steps } } }
        : this with { Stages = Stages with { SelfTraining = Stages.SelfTraining with { Steps = steps } } };

    /// <summary>An interrupted run; what is asked for must be what it was started with.</summary>
    public static TrainingRun Resumed(TrainVerb.Options options)
    {
        if (options.Anew)
        {
            throw new CloudsException(Failure.Usage, "a run cannot be resumed and started anew", "clouds train", "--resume and --anew", "one of them");
        }

        RunFolder folder = new(options.Folder);
        StagedRun? stages = StagedRun.Is(folder.Path) ? StagedRun.Read(folder.Path) : null;
        SourceRun? run = stages is null ? SourceRun.Interrupted(folder) : null;
        (string data, SourceTrainingConfig training) = (stages?.Data ?? run!.Data, stages?.Training ?? run!.Config);
        if (options.Data is not null && DatasetSource.Absolute(options.Data) != data)
        {
            throw Changed(options.Folder, "the data set", DatasetSource.Absolute(options.Data), data);
        }

        IReadOnlyList<int> trained = stages?.Stages ?? [StagedRun.Source];
        if (options.From is string from && Path.GetFullPath(StagePlan.Model(from, trained)) is string model && model != training.From)
        {
            throw Changed(options.Folder, "the model that it started from", model, training.From.Length > 0 ? training.From : "none");
        }

        CloudsSettings saved = stages is null
            ? new() { Training = training, Execution = new() { Threads = run!.Threads } }
            : StagePlan.Settings(stages);
        CloudsSettings start = options.PresetOr(options.Preset) is Preset preset ? Over(saved, CloudsSettings.Of(preset)) : saved;
        CloudsSettings asked = Resolved(Anywhere(options.LoadSettings(start, "checkpoint").Value), saved, stages);
        RefuseChanges(options.Folder, asked, saved, withStages: stages is not null);
        training = Freed(training, asked.Training);
        return new TrainingRun(folder, data, asked with { Training = training })
        {
            Stages = stages is null ? null : stages with { Training = training, Threads = asked.Execution.Threads },
        };
    }

    private static SourceTrainingConfig Freed(SourceTrainingConfig saved, SourceTrainingConfig asked) => saved with
    {
        CheckpointEvery = asked.CheckpointEvery,
        KeepCheckpoints = asked.KeepCheckpoints,
        Validation = saved.Validation with { Patience = asked.Validation.Patience },
    };

    // A run may be resumed from another folder.
    private static CloudsSettings Anywhere(CloudsSettings settings)
        => settings with { Training = settings.Training with { Validation = settings.Training.Validation.Absolute() } };

    // Paths are kept as they were found: what is written otherwise may mean the same.
    private static CloudsSettings Resolved(CloudsSettings asked, CloudsSettings saved, StagedRun? stages)
    {
        if (stages is null)
        {
            return asked;
        }

        string from = asked.Training.From == saved.Training.From || stages.Stages.Contains(StagedRun.Source)
            ? asked.Training.From
            : Path.GetFullPath(StagePlan.Model(asked.Training.From, stages.Stages));
        bool otherSam = stages.Sam.Length > 0 && asked.Sam.Weights != saved.Sam.Weights;
        return asked with
        {
            Training = asked.Training with { From = from },
            Sam = asked.Sam with { Weights = otherSam ? CarriedWeights.Lasting(SamFile.Find(asked.Sam.Weights, asked.Sam.Variant)) : saved.Sam.Weights },
        };
    }

    private static CloudsSettings Over(CloudsSettings saved, CloudsSettings preset) =>
        saved with { Training = preset.Training, SelfTraining = preset.SelfTraining, Refinement = preset.Refinement };

    // A model that a run starts from brings its network along.
    private static CloudsSettings SettingsOf(TrainVerb.Options options)
    {
        CloudsSettings settings = options.LoadSettings(options.Preset).Value;
        IReadOnlyList<int> stages = StagePlan.Of(settings);
        string? from = options.From ?? (stages.Contains(StagedRun.Source) || settings.Training.From.Length == 0 ? null : settings.Training.From);
        if (from is null)
        {
            return settings;
        }

        string path = Path.GetFullPath(StagePlan.Model(from, stages));
        using WeightSource file = WeightSource.Open(path);
        ModelDescription model = ModelDescription.Read(file);
        CloudsSettings start = CloudsSettings.Of(options.PresetOr(options.Preset) ?? Preset.Paper);
        SourceTrainingConfig training = start.Training with { Network = model.Network, TestShortSide = model.ShortSide };
        settings = options.LoadSettings(start with { Training = training }, "model").Value;
        return settings with { Training = settings.Training with { From = path } };
    }

    // The small preset learns from scratch by design; with all else it is nearly always an option that was forgotten, noticed days later.
    private static void RequireWeights(TrainVerb.Options options, SourceTrainingConfig training)
    {
        if (training.Encoder.Weights.Length == 0 && training.From.Length == 0 && options.PresetOr(options.Preset) != Preset.Small && !options.FromScratch)
        {
            throw new CloudsException(Failure.Usage, "there are no weights for the encoder to start from", "training.encoder.weights", "nothing",
                "a weight file",
                "--set training.encoder.weights=FILE, or --from MODEL, or --preset mini, whose encoder is built in, or --preset small, a network that learns "
                + "from scratch, or --from-scratch");
        }
    }

    private static RunFolder FreshFolder(TrainVerb.Options options)
    {
        RunFolder folder = new(options.Folder);
        if (options.Anew)
        {
            StagePlan.Folders(folder.Path).ToList().ForEach(stage => stage.StartAnew());
            folder.StartAnew();
            return folder;
        }

        string? used = Directory.Exists(folder.Path) ? Directory.EnumerateFileSystemEntries(folder.Path).FirstOrDefault() : null;
        return used is null ? folder : throw new CloudsException(
            Failure.Usage,
            "the run's folder is not empty",
            folder.Path,
            Path.GetFileName(used),
            "an empty or a new folder",
            folder.Checkpoints.Count > 0 || StagedRun.Is(folder.Path) ? "give --resume to go on with the run there, or choose another --out"
                : File.Exists(folder.History) ? "give --anew to start again, or choose another --out: the run there has no checkpoint yet"
                : "choose another --out, or give --anew to use this folder all the same");
    }

    private static void RefuseChanges(string where, CloudsSettings asked, CloudsSettings saved, bool withStages)
    {
        (string Key, string Text)[] before = [.. Leaves(saved).Where(Counts)];
        (string Key, string Text)[] now = [.. Leaves(asked).Where(Counts)];
        string[] changed = [.. now.Zip(before).Where(pair => pair.First.Text != pair.Second.Text).Select(pair => pair.First.Key)];
        if (changed.Length > 0)
        {
            string rest = changed.Length == 1 ? "" : $" and {changed.Length - 1} more";
            throw Changed(where, $"{changed[0]}{rest}", now.First(leaf => leaf.Key == changed[0]).Text, before.First(leaf => leaf.Key == changed[0]).Text);
        }

        bool Counts((string Key, string Text) leaf) => (leaf.Key.StartsWith("training.", StringComparison.Ordinal) && !Free.Contains(leaf.Key))
            || (withStages && StagePlan.Sections.Any(section => leaf.Key.StartsWith(section, StringComparison.Ordinal)));
    }

    private static IEnumerable<(string Key, string Text)> Leaves(CloudsSettings settings) =>
        Provenance.Of(settings, settings, new Dictionary<string, string>(), "").Leaves.Select(leaf => (leaf.Key, SettingConversion.Show(leaf.Value)));

    private static CloudsException Changed(string where, string what, string found, string expected) => new(
        Failure.Usage,
        $"a resumed run keeps its settings, and {what} would change",
        where,
        found,
        expected,
        "leave the option out to go on with the run, or start a new one with another --out");
}
