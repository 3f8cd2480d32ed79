using System.Globalization;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Models.Diffusion;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>
/// What the folder of an autoencoder that stays as it is says of its latents: beside the weights of diffusers lies "config.json" with the number that they are
/// multiplied with. A training with another one would learn latents that nobody else makes of these weights.
/// </summary>
internal static class KnownScale
{
    private const string FileName = "config.json", Key = "scaling_factor";
    private const int MostBytes = 1 << 20;

    // As exact as six digits, with which people write it.
    private const double Tolerance = 1e-5;

    /// <summary>Refuses a scale other than the one beside the weights. Where nothing lies beside them, the setting is all that is known.</summary>
    /// <param name="rule">The training.</param>
    /// <param name="key">Name of the setting, for messages.</param>
    /// <param name="weights">Weight file.</param>
    /// <param name="config">The autoencoder.</param>
    /// <exception cref="CloudsException">Usage, naming the key and both numbers; Weights: the file beside is damaged.</exception>
    public static void Require(SettingsRule rule, string key, string weights, AutoencoderConfig config)
    {
        if (Beside(weights) is (string file, double scale))
        {
            rule.Require(Math.Abs(config.Scale - scale) <= Tolerance * Math.Abs(scale), key, Text(config.Scale), $"{Text(scale)}, as {file} has it");
        }
    }

    private static (string File, double Scale)? Beside(string weights)
    {
        string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        JsonOrigin origin = new("the autoencoder's configuration", file, Failure.Weights, "fetch the autoencoder again");
        return StrictJson.Parse(WholeFile.Read(file, MostBytes), origin).Find(Key) is { Kind: not JsonValueKind.Null } found ? (file, found.Real()) : null;
    }

    private static string Text(double scale) => scale.ToString("R", CultureInfo.InvariantCulture);
}
