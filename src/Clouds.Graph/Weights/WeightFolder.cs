using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>Weights given by their folder.</summary>
public static class WeightFolder
{
    private const string Safetensors = ".safetensors";
    private const string Index = ".index.json";

    // The first kind of which the folder has a file counts: safetensors before what can run code elsewhere.
    private static readonly string[][] Kinds = [[Safetensors + Index], [Safetensors], [Index], [".pth", ".pt", ".bin", ".ckpt", ".pkl"], [".onnx"]];

    /// <summary>
    /// The networks that a path holds, each as a path to open: of a folder without weights, such as diffusers', those of its folders, several files of one
    /// network each; otherwise itself.
    /// </summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: a folder cannot be read.</exception>
    public static IReadOnlyList<string> Parts(string path)
    {
        string place = CarriedWeights.PathOf(path);
        string[] below = Directory.Exists(place) && Choices(place).Length == 0 ? Below(place) : [];
        return below.Length == 0 ? [path] : [.. below.SelectMany(Files)];
    }

    /// <summary>The index or the file that a folder's name stands for: the one named "model", or the only one.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the folder holds none, or several of which none is named "model".</exception>
    internal static string Find(string folder)
    {
        string[] choices = Choices(folder);
        string[] preferred = [Path.Combine(folder, "model" + Safetensors + Index), Path.Combine(folder, "model" + Safetensors)];
        return preferred.FirstOrDefault(File.Exists)
            ?? (choices.Length == 1 ? choices[0] : throw Undecided(folder, choices));
    }

    private static string[] Choices(string folder)
    {
        string[] files = Guarded(folder, Directory.GetFiles);
        return Kinds.Select(kind => files.Where(file => kind.Any(ending => file.EndsWith(ending, StringComparison.Ordinal))).ToArray())
            .FirstOrDefault(found => found.Length > 0) ?? [];
    }

    private static string[] Below(string folder) =>
        [.. Guarded(folder, Directory.GetDirectories).Where(below => Choices(below).Length > 0).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Files(string folder) => Choices(folder) is { Length: > 1 } several ? several.Order(StringComparer.Ordinal) : [folder];

    private static string[] Guarded(string folder, Func<string, string[]> list)
    {
        try
        {
            return list(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Weights, "a folder of weights cannot be read", folder, e.Message, next: "check the permissions", inner: e);
        }
    }

    private static CloudsException Undecided(string folder, string[] choices) => choices.Length == 0
        ? new(Failure.Weights, "the folder holds no weights", folder,
            Below(folder) is { Length: > 0 } parts ? $"weights in {string.Join(", ", parts.Select(Path.GetFileName))}" : "no file of weights",
            $"model{Safetensors} or model{Safetensors}{Index}", "give the weight file itself, or the folder that it is in")
        : new(Failure.Weights, "the folder holds several weight files", folder,
            string.Join(", ", choices.Select(Path.GetFileName).Order(StringComparer.Ordinal)),
            $"model{Safetensors} or model{Safetensors}{Index}, or one file only",
            "give the weight file itself");
}
