using Clouds.Diagnostics;

namespace Clouds.Training.Engine;

/// <summary>Files of a run.</summary>
/// <param name="Path">The folder; made where it is missing.</param>
public sealed record RunFolder(string Path)
{
    /// <summary>Latest state, to resume from.</summary>
    public string Checkpoint => File("checkpoint.safetensors");

    /// <summary>The trained model, written at the end and at an interruption.</summary>
    public string Model => File("model.safetensors");

    /// <summary>One JSON object a step.</summary>
    public string History => File("history.jsonl");

    /// <summary>The same for TensorBoard, with pictures.</summary>
    public string Events => File("events.out.tfevents.clouds");

    /// <summary>Start values of a frozen encoder that has no weight file.</summary>
    public string RandomEncoder => File("random-encoder.safetensors");

    /// <summary>Removes what a run left that never came to its first checkpoint; files that are no run's stay.</summary>
    /// <exception cref="CloudsException">Usage: there is a checkpoint or a model, which somebody may want; Output: a file cannot be removed.</exception>
    public void StartAnew()
    {
        if (((string[])[Checkpoint, Model]).FirstOrDefault(System.IO.File.Exists) is string precious)
        {
            throw new CloudsException(Failure.Usage, "the folder holds results of a run", Path, System.IO.Path.GetFileName(precious),
                "at most the beginnings of one", "resume it, choose another folder, or remove the file yourself");
        }

        Guard("the beginnings of a run cannot be removed", "remove the files yourself", () =>
        {
            System.IO.File.Delete(History);
            System.IO.File.Delete(Events);
            System.IO.File.Delete(RandomEncoder);
        });
    }

    /// <summary>Makes the folder, and clears what a killed run left half written.</summary>
    /// <exception cref="CloudsException">Output: it cannot be made.</exception>
    public void Create()
    {
        Guard("the run's folder cannot be made", "choose another folder", () =>
        {
            Directory.CreateDirectory(Path);
            string ours = $".{Environment.ProcessId}.tmp";
            Directory.GetFiles(Path, ".*.safetensors.*.tmp")
                .Where(left => !left.EndsWith(ours, StringComparison.Ordinal)).ToList().ForEach(System.IO.File.Delete);
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
