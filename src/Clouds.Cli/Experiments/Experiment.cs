using Clouds.Cli.Settings;
using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>A row that can be run: its settings, with origins, before the machine's paths are put into them.</summary>
/// <param name="Row">Name of the row.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Own">The same without what the command line changes: the row as its file has it.</param>
/// <param name="Published">What the paper says; null for a row of somebody's own.</param>
internal sealed record Experiment(string Row, LoadedSettings<CloudsSettings> Settings, LoadedSettings<CloudsSettings> Own, PublishedRow? Published)
{
    /// <summary>What makes it an experiment.</summary>
    public ExperimentConfig Config => Settings.Value.Experiment;

    /// <summary>Whether it has a second stage: where "stages" says so, or says nothing and there are generated images, as for `clouds train`.</summary>
    public bool SelfTrains => Settings.Value.Stages.Contains(2)
        || (Settings.Value.Stages.Count == 0 && (Config.Generated.Length > 0 || Settings.Value.SelfTraining.Generated.Data.Length > 0));

    /// <summary>The names of the sets of its table, or its own.</summary>
    public IReadOnlyList<string> Tests => Config.Tests;

    /// <summary>Opens a row.</summary>
    /// <param name="name">A row of the paper, or a configuration file, which has an ending.</param>
    /// <param name="overrides">As of --set.</param>
    /// <exception cref="CloudsException">Usage: there is no such row, it cannot be run, or its settings are wrong.</exception>
    public static Experiment Open(string name, IReadOnlyList<string> overrides)
    {
        if (name.Contains('.', StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal))
        {
            return Read(ConfigurationChain.Read(name, EmbeddedExperiments.OwnBehindDisk), overrides, null, Path.GetFileName(name));
        }

        PublishedRow row = PublishedTables.OfPaper.Find(name).Row;
        return row.IsRun ? Of(row, overrides) : throw new CloudsException(
            Failure.Usage, "the row is copied from other papers", $"clouds reproduce, row {row.Row}", $"{row.Method}, {row.Encoder}: {row.Numbers}",
            "a row of this paper's own", "`clouds reproduce list` names those that can be run");
    }

    /// <summary>A row of the paper that can be run.</summary>
    public static Experiment Of(PublishedRow row, IReadOnlyList<string> overrides) =>
        Read(ConfigurationChain.Read($"{EmbeddedExperiments.Folder}/{row.Row}.json", EmbeddedExperiments.Own), overrides, row, row.Row);

    private static Experiment Read(ConfigurationChain files, IReadOnlyList<string> overrides, PublishedRow? published, string name)
    {
        Preset? preset = files.Preset is NamedPreset named ? CloudsSettings.PresetOf(named) : null;
        CloudsSettings? start = preset is Preset chosen ? CloudsSettings.Of(chosen) : null;
        string? startName = preset is null ? null : files.Preset!.Name;
        LoadedSettings<CloudsSettings> own = SettingsReader.Read(files, [], start, startName);

        // A row of somebody's own has inherited the name where it stands on one of the paper's.
        string written = own.Value.Experiment.Row;
        string row = written.Length == 0 || (published is null && PublishedTables.OfPaper.Rows.Any(known => known.Row == written)) ? name : written;
        Experiment experiment = new(row, SettingsReader.Read(files, overrides, start, startName), own, published);
        experiment.RequireWhole();
        return experiment;
    }

    // A row begins with stage 1, which it may share, and has data to begin with.
    private void RequireWhole()
    {
        CloudsSettings settings = Settings.Value;
        bool trains = Config.Kind == ExperimentKind.Train;
        Require(Tests.Count > 0, "experiment.tests", "nothing", "the sets on which the result is scored");
        Require(!trains || Config.Source.Length > 0 || settings.Training.Data.Length > 0, "experiment.source", "nothing", "the data set to train on");
        Require(!trains || settings.Stages.Count == 0 || settings.Stages.Contains(1), "stages", SettingConversion.Show(settings.Stages), "[1] or [1, 2]");
        Require(!SelfTrains || Config.Generated.Length > 0 || settings.SelfTraining.Generated.Data.Length > 0,
            "experiment.generated", "nothing", "the images of stage 2, or stages=[1]");
        Require(Config.Kind != ExperimentKind.Evaluate || Config.Model.Length > 0, "experiment.model", "nothing", "a published model");
    }

    private void Require(bool condition, string key, string found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(
                Failure.Usage, "the row is not whole", $"{Row}, key '{key}'", found, expected, "write it into the row's file, or into its base");
        }
    }
}
