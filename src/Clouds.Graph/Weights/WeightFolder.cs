using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>Weights given by their folder.</summary>
internal static class WeightFolder
{
    private const string Safetensors = ".safetensors";
    private const string Index = ".index.json";

    // The first kind of which the folder has a file counts: safetensors before what can run code elsewhere.
    private static readonly string[][] Kinds = [[Safetensors + Index], [Safetensors], [Index], [".pth", ".pt", ".bin", ".ckpt", ".pkl"], [".onnx"]];

    /// <summary>The index or the file that a folder's name stands for: the one named "model", or the only one.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the folder holds none, or several of which none is named "model".</exception>
    public static string Find(string folder)
    {
        string[] files = Files(folder);
        string[] preferred = [Path.Combine(folder, "model" + Safetensors + Index), Path.Combine(folder, "model" + Safetensors)];
        string[] choices = Kinds.Select(kind => files.Where(file => kind.Any(ending => file.EndsWith(ending, StringComparison.Ordinal))).ToArray())
            .FirstOrDefault(found => found.Length > 0) ?? [];
        return preferred.FirstOrDefault(files.Contains)
            ?? (choices.Length == 1 ? choices[0] : throw Undecided(folder, choices));
    }

    private static string[] Files(string folder)
    {
        try
        {
            return Directory.GetFiles(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Weights, "a folder of weights cannot be read", folder, e.Message, next: "check the permissions", inner: e);
        }
    }

    private static CloudsException Undecided(string folder, string[] choices) => choices.Length == 0
        ? new(Failure.Weights, "the folder holds no weights", folder, "no file of weights", $"model{Safetensors} or model{Safetensors}{Index}",
            "give the weight file itself")
        : new(Failure.Weights, "the folder holds several weight files", folder,
            string.Join(", ", choices.Select(Path.GetFileName).Order(StringComparer.Ordinal)),
            $"model{Safetensors} or model{Safetensors}{Index}, or one file only",
            "give the weight file itself");
}
