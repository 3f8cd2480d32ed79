using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Runs;

/// <summary>
/// The record of one `clouds train`: what it was started with stands in the run's folder as soon as a step is done, for a run that is refused leaves nothing;
/// and the run's page when it ends, however it does.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    private readonly string _folder;
    private readonly Action _begin;
    private readonly RunPlan _plan;
    private readonly Action<string> _warn;
    private bool _begun;

    private RunRecord(string folder, Action begin, RunPlan plan, Action<string> warn) => (_folder, _begin, _plan, _warn) = (folder, begin, plan, warn);

    /// <summary>Looks at everything and writes nothing yet. Description and configuration of a run that is resumed are kept and continued.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">What was asked for, whence settings have their origins.</param>
    /// <param name="context">The command line.</param>
    /// <param name="device">Where it computes.</param>
    public static RunRecord Of(TrainingRun run, TrainVerb.Options options, VerbContext context, Device device)
    {
        string folder = Path.GetFullPath(run.Folder.Path);
        IReadOnlyList<RunSetting> settings = Settings(run.Settings, options);
        RunLaunch launch = new(
            DateTimeOffset.UtcNow, ShellText.Line(["clouds", .. context.Words]), Directory.GetCurrentDirectory(),
            RunMachine.Environment(device, run.Settings.Execution.Threads), RunMachine.Versions());
        RunDescription? before = options.Resume ? RunDescription.Find(folder, out _) : null;
        RunDescription description = before?.Resumed(settings, launch) ?? new RunDescription(Repeat(folder, run), settings, [launch]);
        return new RunRecord(folder, () => Begin(folder, description, before is null ? run.Settings : null), new RunPlan(run), context.Progress.Warn);
    }

    /// <summary>The same progress, with that of the whole run; the first step that is told begins the record.</summary>
    public IProgress<ProgressReport> Watch(IProgress<ProgressReport> progress) => new FirstStep(this, progress);

    /// <summary>Writes the run's page. A page that cannot be made is told and takes nothing from the run.</summary>
    public void Dispose()
    {
        if (!_begun)
        {
            return;
        }

        try
        {
            RunPage.Make([RunFiles.Read(_folder)]).Save(Path.Combine(_folder, RunPage.FileName));
        }
        catch (CloudsException e)
        {
            _warn($"the run's page could not be written: {e.What}, {e.Where}; `clouds report {ShellText.Word(_folder)}` tries again");
        }
    }

    private static void Begin(string folder, RunDescription description, CloudsSettings? settings)
    {
        description.Write(folder);
        if (settings is not null)
        {
            AtomicFile.WriteAllBytes(
                Path.Combine(folder, RunDescription.ConfigurationName), System.Text.Encoding.UTF8.GetBytes(JsonText.Document(settings) + "\n"));
        }
    }

    private static RunSetting[] Settings(CloudsSettings settings, TrainVerb.Options options)
    {
        Dictionary<string, SettingLeaf> asked = options.LoadSettings(options.Preset).Provenance.Leaves.ToDictionary(leaf => leaf.Key);
        string otherwise = options.Resume ? "checkpoint" : options.From is null ? "command line" : "--from";
        return [.. Provenance.Of(settings, new CloudsSettings(), new Dictionary<string, string>(), otherwise).Leaves.Select(Setting)];

        RunSetting Setting(SettingLeaf leaf)
        {
            string value = SettingConversion.Show(leaf.Value);
            bool known = asked.TryGetValue(leaf.Key, out SettingLeaf? other) && SettingConversion.Show(other.Value) == value;
            return new RunSetting(leaf.Key, value, known ? other!.Origin : leaf.Origin, leaf.Unit, leaf.Source);
        }
    }

    // Random start values have to be asked for, unless a preset's name says so; paths among the settings may be relative.
    private static string Repeat(string folder, TrainingRun run)
    {
        bool scratch = run.Settings.Training.Encoder.Weights.Length == 0 && run.Settings.Training.From.Length == 0;
        string[] words =
        [
            "clouds", "train", "--config", Path.Combine(folder, RunDescription.ConfigurationName), "--data", run.Data, "--out", $"{folder}-again",
            .. scratch ? ["--from-scratch"] : Array.Empty<string>(),
        ];
        return $"cd {ShellText.Word(Directory.GetCurrentDirectory())} && {ShellText.Line(words)}";
    }

    private sealed class FirstStep(RunRecord record, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (!record._begun && value.Metrics?.ContainsKey("loss") == true)
            {
                record._begun = true;
                record._begin();
            }

            inner.Report(record._plan.Within(value));
        }
    }
}
