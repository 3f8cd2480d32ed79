using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Runs;

/// <summary>A setting of a run, as text.</summary>
/// <param name="Key">Its path.</param>
/// <param name="Value">Its value on one line.</param>
/// <param name="Origin">Where the value came from when the run was started.</param>
/// <param name="Unit">Unit in words; null: none.</param>
/// <param name="Source">Source of the default; null: none.</param>
internal sealed record RunSetting(string Key, string Value, string Origin, string? Unit = null, string? Source = null);

/// <summary>One start of a run: the first, or one that resumed it.</summary>
/// <param name="Time">When.</param>
/// <param name="Command">The command line as it was given, for a shell.</param>
/// <param name="Folder">The folder in which it was given.</param>
/// <param name="Environment">Machine, system, processor, memory, device, threads.</param>
/// <param name="Versions">The program with its commit, ONNX Runtime, .NET.</param>
internal sealed record RunLaunch(
    DateTimeOffset Time, string Command, string Folder, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Versions);

/// <summary>What a run's folder says of the run: what it was started with, where, and how to repeat it. The file run.json, one JSON object.</summary>
/// <param name="Repeat">The command that starts the same run once more, in another folder.</param>
/// <param name="Settings">Every setting.</param>
/// <param name="Launches">Every start, the first one first.</param>
internal sealed record RunDescription(string Repeat, IReadOnlyList<RunSetting> Settings, IReadOnlyList<RunLaunch> Launches)
{
    /// <summary>Name of the description.</summary>
    public const string FileName = "run.json";

    /// <summary>Name of the configuration beside it: all settings as a file for --config.</summary>
    public const string ConfigurationName = "config.json";

    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads the description of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">Why it cannot be read; null where it can, and where there is none.</param>
    /// <returns>Null where there is none that can be read.</returns>
    public static RunDescription? Find(string folder, out string? problem)
    {
        problem = null;
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            RunDescription read = JsonSerializer.Deserialize<RunDescription>(WholeFile.Read(path), Format) ?? throw new JsonException("it is null");
            return read.IsWhole ? read : throw new JsonException("members are missing");
        }
        catch (Exception e) when (e is JsonException or CloudsException)
        {
            problem = $"{FileName} cannot be read: {e.Message.ReplaceLineEndings(" ")}";
            return null;
        }
    }

    /// <summary>The description behind one more start: settings that were asked for anew take the place of the recorded ones.</summary>
    public RunDescription Resumed(IReadOnlyList<RunSetting> asked, RunLaunch launch)
    {
        Dictionary<string, RunSetting> changed = asked.Where(setting => IsExplicit(setting.Origin)).ToDictionary(setting => setting.Key);
        RunSetting[] settings =
            [.. Settings.Select(setting => changed.GetValueOrDefault(setting.Key) is RunSetting other && other.Value != setting.Value ? other : setting)];
        IEnumerable<string> more = settings.Except(Settings).Select(setting => $" --set {ShellText.Word($"{setting.Key}={setting.Value}")}");
        return new RunDescription(Repeat + string.Concat(more), settings, [.. Launches, launch]);
    }

    /// <summary>Writes it into a folder; it appears whole or not at all.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public void Write(string folder) => AtomicFile.WriteAllBytes(Path.Combine(folder, FileName), System.Text.Encoding.UTF8.GetBytes(JsonText.Document(this)));

    /// <summary>Whether somebody set a value, rather than a default, a preset or what a run or a model brought along.</summary>
    public static bool IsExplicit(string origin) => origin.StartsWith("--", StringComparison.Ordinal) || origin.Contains(':', StringComparison.Ordinal);

    // A reader by reflection leaves out what is not there.
    private bool IsWhole => Repeat is not null && Settings?.All(setting => setting is { Key: not null, Value: not null, Origin: not null }) == true
        && Launches?.All(launch => launch is { Command: not null, Folder: not null, Environment: not null, Versions: not null }) == true;
}
