using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Training.Engine;

/// <summary>Files of a run.</summary>
/// <param name="Path">The folder; made where it is missing.</param>
public sealed record RunFolder(string Path)
{
    private const string KeptPrefix = "checkpoint-", WeightsEnding = ".safetensors";

    /// <summary>Latest state, to resume from.</summary>
    public string Checkpoint => File("checkpoint.safetensors");

    /// <summary>Checkpoints that are there, the newest first: <see cref="Checkpoint"/>, then those before it by their steps.</summary>
    public IReadOnlyList<string> Checkpoints => [.. new[] { Checkpoint }.Where(System.IO.File.Exists), .. KeptSteps.Select(Kept)];

    /// <summary>The trained model, written at the end and at an interruption.</summary>
    public string Model => File("model.safetensors");

    /// <summary>The model with the best score in validation so far.</summary>
    public string Best => File("best.safetensors");

    /// <summary>Its scores: the line of the history that it got, as a file of its own.</summary>
    public string BestScores => File("best.json");

    /// <summary>The model that is being validated; gone afterwards.</summary>
    public string Candidate => File("candidate.safetensors");

    /// <summary>One JSON object a step, and one a validation.</summary>
    public string History => File("history.jsonl");

    /// <summary>The same for TensorBoard, with pictures.</summary>
    public string Events => File("events.out.tfevents.clouds");

    /// <summary>What the last validation found: confusions, scores of images, pictures.</summary>
    public string Validation => File("validation.json");

    /// <summary>Start values of a frozen encoder that has no weight file.</summary>
    public string RandomEncoder => File("random-encoder.safetensors");

    /// <summary>What checkpoints and models take already.</summary>
    internal long Bytes => ((string[])[.. Checkpoints, Model, Best]).Where(System.IO.File.Exists).Sum(file => new FileInfo(file).Length);

    /// <summary>Steps of the checkpoints from before the newest that are there, the latest first.</summary>
    internal IReadOnlyList<long> KeptSteps => !Directory.Exists(Path) ? [] :
    [
        .. Directory.GetFiles(Path, $"{KeptPrefix}*{WeightsEnding}")
            .Select(file => System.IO.Path.GetFileNameWithoutExtension(file)[KeptPrefix.Length..])
            .Where(step => step.All(char.IsAsciiDigit) && long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(step => long.Parse(step, CultureInfo.InvariantCulture)).OrderDescending(),
    ];

    /// <summary>The name of a checkpoint that a newer one has followed.</summary>
    /// <param name="step">Steps done in it.</param>
    public string Kept(long step) => File(string.Create(CultureInfo.InvariantCulture, $"{KeptPrefix}{step}{WeightsEnding}"));

    /// <summary>Removes what a run left that never came to its first checkpoint; files that are no run's stay.</summary>
    /// <exception cref="CloudsException">Usage: there is a checkpoint or a model, which somebody may want; Output: a file cannot be removed.</exception>
    public void StartAnew()
    {
        if (((string[])[.. Checkpoints, Model, Best]).FirstOrDefault(System.IO.File.Exists) is string precious)
        {
            throw new CloudsException(Failure.Usage, "the folder holds results of a run", Path, System.IO.Path.GetFileName(precious),
                "at most the beginnings of one", "resume it, choose another folder, or remove the file yourself");
        }

        Guard("the beginnings of a run cannot be removed", "remove the files yourself", () =>
        {
            System.IO.File.Delete(History);
            System.IO.File.Delete(Events);
            System.IO.File.Delete(Validation);
            System.IO.File.Delete(RandomEncoder);
        });
    }

    /// <summary>Makes the folder.</summary>
    /// <exception cref="CloudsException">Output: it cannot be made.</exception>
    public void Create() => Guard("the run's folder cannot be made", "choose another folder", () => Directory.CreateDirectory(Path));

    /// <summary>Makes the folder, locks it against other processes until the result is disposed, and clears what a killed run left half written.</summary>
    /// <exception cref="CloudsException">Usage: another process trains in it; Output: it cannot be made, or cleared.</exception>
    public FolderLock Take()
    {
        Create();
        FolderLock taken = FolderLock.Take(Path, "trains in this folder");
        try
        {
            Clear();
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private void Clear()
    {
        Guard("the run's folder cannot be cleared", "choose another folder", () =>
        {
            string ours = $".{Environment.ProcessId}.tmp";
            string[] left = [.. Directory.GetFiles(Path, $".*{WeightsEnding}.*.tmp"), .. Directory.GetFiles(Path, ".best.json.*.tmp")];
            System.IO.File.Delete(Candidate);
            left.Where(file => !file.EndsWith(ours, StringComparison.Ordinal)).ToList().ForEach(System.IO.File.Delete);
        });
    }

    private void Guard(string what, string next, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, what, Path, e.Message, "a folder that can be written", next, e);
        }
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
