using System.Text;
using Clouds.Graph.Files;
using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Native.Generation.Weights;

/// <summary>The settings that authors publish beside a checkpoint in one file: a text of the same name that ends in .yaml. One line of it is read.</summary>
internal static class AuthorsSettings
{
    private const int MostBytes = 1 << 20;
    private const string Key = "parameterization:";

    /// <summary>What the denoiser predicts.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <returns>Null where there are no settings beside it.</returns>
    public static Prediction? Prediction(string checkpoint)
    {
        string file = Path.ChangeExtension(checkpoint, ".yaml");
        if (!File.Exists(file))
        {
            return null;
        }

        string? line = Encoding.UTF8.GetString(WholeFile.Read(file, MostBytes)).Split('\n').Select(text => text.Trim())
            .FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal));
        return line?[Key.Length..].Trim(' ', '"', '\'') switch
        {
            null or "eps" => Models.Diffusion.Sampling.Prediction.Epsilon,
            "v" => Models.Diffusion.Sampling.Prediction.V,
            string other => throw NotStableDiffusion.Of(file, $"{Key} {other}", "eps or v"),
        };
    }
}
