using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>Weights given by their folder.</summary>
internal static class WeightFolder
{
    private const string Single = ".safetensors";
    private const string Index = ".safetensors.index.json";

    /// <summary>The index or the file that a folder's name stands for: the one named "model", or the only one.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the folder holds none, or several of which none is named "model".</exception>
    public static string Find(string folder)
    {
        string[] files = Files(folder);
        string[] preferred = [Path.Combine(folder, "model" + Index), Path.Combine(folder, "model" + Single)];
        string[] indices = [.. files.Where(file => file.EndsWith(Index, StringComparison.Ordinal))];
        string[] choices = indices.Length > 0 ? indices : [.. files.Where(file => file.EndsWith(Single, StringComparison.Ordinal))];
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
        ? new(Failure.Weights, "the folder holds no weights", folder, "no safetensors file", $"model{Single} or model{Index}", "give the weight file itself")
        : new(Failure.Weights, "the folder holds several weight files", folder,
            string.Join(", ", choices.Select(Path.GetFileName).Order(StringComparer.Ordinal)), $"model{Single} or model{Index}, or one file only",
            "give the weight file itself");
}
