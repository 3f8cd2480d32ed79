using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Cli.Commands;

/// <summary>The model that an argument means: a file, or the folder of a run that has one.</summary>
internal static class ModelPath
{
    private static readonly string[] Endings = [".safetensors", ".onnx"];
    private const string Expected = "a model.safetensors or an exported .onnx, or the folder of a run of `clouds train`";

    /// <summary>The model's file.</summary>
    /// <param name="given">The argument in the model's place.</param>
    /// <param name="others">What stands in other places; a model among them shows that the order is wrong.</param>
    /// <exception cref="CloudsException">BadInput: there is none; Usage: it stands in another place.</exception>
    public static string Resolve(string given, IEnumerable<string> others)
    {
        if (File.Exists(given) && HasEnding(given))
        {
            return given;
        }

        if (Directory.Exists(given) && File.Exists(new RunFolder(given).Model))
        {
            return new RunFolder(given).Model;
        }

        if (others.FirstOrDefault(IsModel) is string model)
        {
            throw new CloudsException(Failure.Usage, "the arguments stand in the wrong order", given, $"the model, {model}, in a later place",
                "the model first", $"exchange {given} and {model}");
        }

        return File.Exists(given) && !IsOtherKind(given) ? given : throw NoModel(given);
    }

    /// <summary>Whether a path is a model's file, or a run's folder with one.</summary>
    public static bool IsModel(string path) => Directory.Exists(path)
        ? File.Exists(new RunFolder(path).Model)
        : File.Exists(path) && HasEnding(path);

    private static bool HasEnding(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static bool IsOtherKind(string path) => IsImage(path) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static bool IsImage(string path) => ImageFile.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static CloudsException NoModel(string given)
    {
        if (Directory.Exists(given))
        {
            return File.Exists(new RunFolder(given).Checkpoint)
                ? new CloudsException(
                    Failure.BadInput, "the run has no model yet", given, "a checkpoint only", Expected, $"clouds train --out {given} --resume")
                : new CloudsException(Failure.BadInput, "a folder without a model stands where a model is meant", given, "no model.safetensors", Expected,
                    "name the model");
        }

        return File.Exists(given)
            ? new CloudsException(
                Failure.BadInput, "another file stands where a model is meant", given, IsImage(given) ? "an image" : "a JSON file", Expected, "name the model")
            : new CloudsException(Failure.BadInput, "there is no such model", given, Nearest(given), Expected, "correct the path");
    }

    // The folder may be right and the name wrong.
    private static string? Nearest(string given)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(given))!;
        return !Directory.Exists(folder) ? $"no folder {folder}"
            : NearestName.Find(Path.GetFileName(given), Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))) is string near
                ? $"{near} beside it"
                : null;
    }
}
