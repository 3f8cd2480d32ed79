using Clouds.Cli.Commands;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Runs;

/// <summary>The record of the training of a foundation model, run.json: written with the first step, for a run that is refused leaves nothing.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="description">What it says.</param>
/// <param name="inner">Told all that this is told.</param>
internal sealed class ModelRunRecord(string folder, RunDescription description, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
{
    /// <summary>Key of the data among the settings.</summary>
    public const string Data = "data";

    private bool _begun;

    /// <summary>The description of a run that is begun or gone on with.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="words">The command line, without the program.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="device">Where it computes.</param>
    public static RunDescription Describe(ModelTrainOptions options, IReadOnlyList<string> words, IReadOnlyList<SettingLeaf> settings, Device device)
    {
        string command = ShellText.Line(["clouds", .. words]), here = Directory.GetCurrentDirectory();
        RunLaunch launch = new(DateTimeOffset.UtcNow, command, here, RunMachine.Environment(device, options.Threads), RunMachine.Versions());
        if (options.Resume && RunDescription.Find(options.Out, out _) is RunDescription before)
        {
            return before with { Launches = [.. before.Launches, launch] };
        }

        RunSetting[] all =
        [
            new(Data, options.Data, "--data"),
            .. settings.Select(leaf => new RunSetting(leaf.Key, SettingConversion.Show(leaf.Value), leaf.Origin, leaf.Unit, leaf.Source)),
        ];
        return new RunDescription($"cd {ShellText.Word(here)} && {command}", all, [launch]);
    }

    /// <inheritdoc/>
    public void Report(ProgressReport value)
    {
        if (!_begun && value.Metrics?.ContainsKey("loss") == true)
        {
            _begun = true;
            description.Write(folder);
        }

        inner.Report(value);
    }
}
