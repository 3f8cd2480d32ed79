using System.Globalization;
using Clouds.Cli.Commands;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;
using Clouds.Training.Validation;

namespace Clouds.Cli.Runs;

/// <summary>
/// What can be read of a run: one that goes on, was killed, is damaged, or comes from an older version. Only a folder that holds no run at all is refused;
/// what is wrong with one is told.
/// </summary>
/// <param name="Folder">Its folder, absolute.</param>
/// <param name="Description">What it was started with; null: nothing says.</param>
/// <param name="Settings">Its settings: those of the description, or else of a checkpoint.</param>
/// <param name="Stages">Its stages in order; at least one.</param>
/// <param name="Problems">What cannot be read, a sentence each.</param>
internal sealed record RunFiles(
    string Folder, RunDescription? Description, IReadOnlyList<RunSetting> Settings, IReadOnlyList<RunStage> Stages, IReadOnlyList<string> Problems)
{
    private static readonly (string Folder, string Name, string Section)[] TwoStages =
        [("stage-1", "stage 1", "training"), ("stage-2", "stage 2", "selfTraining")];

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder)) is { Length: > 0 } name ? name : Folder;

    /// <summary>Reads a run's folder.</summary>
    /// <exception cref="CloudsException">BadInput: there is no such folder, or it holds no run.</exception>
    public static RunFiles Read(string path)
    {
        string folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(Failure.BadInput, "there is no folder of a run", path, File.Exists(path) ? "a file" : null,
                "a folder that `clouds train` wrote", "name the folder that --out named");
        }

        List<string> problems = [];
        RunDescription? description = RunDescription.Find(folder, out string? problem);
        problems.AddRange(problem is null ? [] : [problem]);
        string[] stages = [.. TwoStages.Where(stage => Holds(Path.Combine(folder, stage.Folder))).Select(stage => stage.Folder)];
        if (stages.Length == 0 && description is null && problem is null && !Holds(folder))
        {
            throw new CloudsException(Failure.BadInput, "the folder holds no run", path, "no history.jsonl, no checkpoint.safetensors, no run.json",
                "a folder that `clouds train` wrote", "name the folder that --out named");
        }

        IReadOnlyList<RunSetting> settings = description?.Settings ?? OfOlderVersion(folder);
        bool second = settings.Any(setting => setting is { Key: "stages", Value: "[2]" });
        RunStage[] read = stages.Length == 0
            ? [Stage("training", new RunFolder(folder), second ? "selfTraining" : "training", settings, problems)]
            : [.. TwoStages.Where(stage => stages.Contains(stage.Folder))
                .Select(stage => Stage(stage.Name, new RunFolder(Path.Combine(folder, stage.Folder)), stage.Section, settings, problems))];
        return new RunFiles(folder, description, settings, read, problems);
    }

    private static bool Holds(string folder) => ((string[])[new RunFolder(folder).History, new RunFolder(folder).Checkpoint]).Any(File.Exists);

    private static RunStage Stage(string name, RunFolder folder, string section, IReadOnlyList<RunSetting> settings, List<string> problems)
    {
        HistoryContents history = History(name, folder, problems);
        ValidationRecord? validation = ValidationRecord.Find(folder, out string? problem);
        problems.AddRange(problem is null ? [] : [problem]);
        DateTimeOffset? written = File.Exists(folder.History) ? File.GetLastWriteTimeUtc(folder.History) : null;
        return new RunStage(name, folder, history, validation, Number(settings, $"{section}.steps"), Number(settings, "training.batch"), written);
    }

    private static HistoryContents History(string name, RunFolder folder, List<string> problems)
    {
        try
        {
            HistoryContents history = File.Exists(folder.History) ? TrainingHistory.ReadAll(folder.History) : HistoryContents.None;
            problems.AddRange(history.Damaged.Count == 0 ? [] : [Sentence(name, history)]);
            return history;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"the history of {name} cannot be read: {e.Message}");
            return HistoryContents.None;
        }
    }

    private static string Sentence(string name, HistoryContents history)
    {
        const int Shown = 5;
        string lines = string.Join(", ", history.Damaged.Take(Shown)) + (history.Damaged.Count > Shown ? ", .." : "");
        return history.Damaged.Count == 1 && history.Damaged[0] == history.Lines
            ? $"the last line of the history of {name} is not whole: the run is writing it, or was killed while it did"
            : $"{history.Damaged.Count} of {history.Lines} lines of the history of {name} are damaged and left out: {lines}";
    }

    private static long? Number(IReadOnlyList<RunSetting> settings, string key) =>
        long.TryParse(settings.FirstOrDefault(setting => setting.Key == key)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    // What a checkpoint of another training says is not known here.
    private static RunSetting[] OfOlderVersion(string folder)
    {
        try
        {
            CloudsSettings settings = StagedRun.Is(folder)
                ? StagePlan.Settings(StagedRun.Read(folder))
                : new() { Training = SourceRun.Interrupted(new RunFolder(folder)).Config };
            string[] sections = StagedRun.Is(folder) ? ["training.", .. StagePlan.Sections] : ["training."];
            return [.. Provenance.Of(settings, new CloudsSettings(), new Dictionary<string, string>(), "checkpoint").Leaves
                .Where(leaf => sections.Any(section => leaf.Key.StartsWith(section, StringComparison.Ordinal)))
                .Select(leaf => new RunSetting(leaf.Key, SettingConversion.Show(leaf.Value), leaf.Origin, leaf.Unit, leaf.Source))];
        }
        catch (Exception e) when (e is CloudsException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
