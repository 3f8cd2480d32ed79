using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// The weights in a part's folder: "diffusion_pytorch_model" or "model" in safetensors, or "pytorch_model" as a pickle, whole or in shards, in a variant
/// such as "fp16" or not.
/// </summary>
internal static partial class PartWeights
{
    /// <summary>The file beside the weights.</summary>
    public const string Configuration = "config.json";

    /// <summary>Whether a folder holds any.</summary>
    public static bool AreIn(string folder) => Directory.GetFiles(folder).Any(file => Form().IsMatch(Path.GetFileName(file)));

    /// <summary>The file, or the index of shards, that counts: safetensors before pickles, no variant before fp16, that before others.</summary>
    /// <param name="folder">The part's.</param>
    /// <exception cref="CloudsException">Weights: there is none.</exception>
    public static string Find(string folder)
    {
        string[] names = Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!] : [];
        string? best = names.Select(name => (name, Form: Form().Match(name))).Where(file => file.Form.Success)
            .OrderBy(file => file.Form.Groups["pickle"].Success).ThenBy(file => Rank(file.Form.Groups["variant"].Value)).ThenBy(file => file.name.Length)
            .Select(file => file.name).FirstOrDefault();
        return best is not null ? Path.Combine(folder, best) : throw new CloudsException(Failure.Weights, "a part of the checkpoint has no weights", folder,
            names.Length == 0 ? "no file" : string.Join(", ", names.Take(8)),
            "diffusion_pytorch_model.safetensors or model.safetensors, whole or in shards, or .bin", "fetch the whole checkpoint again");
    }

    /// <summary>Opens such a file under our names: early autoencoders name their attention otherwise.</summary>
    public static WeightSource Open(string file)
    {
        WeightSource source = WeightSource.Open(file);
        try
        {
            return NameMap.Of("diffusers").Apply(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static int Rank(string variant) => variant switch { "" => 0, "fp16" => 1, _ => 2 };

    [GeneratedRegex(@"\A(?:diffusion_pytorch_model|model|pytorch_model)(?:\.(?<variant>\w+?))?(?:\.safetensors|(?<pickle>\.bin))"
        + @"(?:\.index(?:\.(?<variant>\w+))?\.json)?\z")]
    private static partial Regex Form();
}
