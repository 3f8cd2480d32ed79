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

    /// <summary>Makes the folder, and clears what a killed run left half written.</summary>
    /// <exception cref="CloudsException">Output: it cannot be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Path);
            string ours = $".{Environment.ProcessId}.tmp";
            Directory.GetFiles(Path, ".*.safetensors.*.tmp")
                .Where(left => !left.EndsWith(ours, StringComparison.Ordinal)).ToList().ForEach(System.IO.File.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.Output, "the run's folder cannot be made", Path, e.Message, "a folder that can be written", "choose another --out", e);
        }
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
