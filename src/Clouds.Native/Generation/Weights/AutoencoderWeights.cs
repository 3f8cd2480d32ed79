using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;

namespace Clouds.Native.Generation.Weights;

/// <summary>The autoencoder of a latent diffusion as a path holds it: alone, or in a checkpoint with all that it paints with.</summary>
/// <param name="Config">Sizes and scale.</param>
/// <param name="Files">The files that its answers depend on.</param>
/// <param name="Freeze">Opens its weights, which belong to the caller.</param>
internal sealed record AutoencoderWeights(AutoencoderConfig Config, IReadOnlyList<string> Files, Func<FrozenWeights> Freeze)
{
    private const string Folder = "vae";

    /// <summary>Opens one.</summary>
    /// <param name="path">
    /// A folder as `clouds train vae` and diffusers write it: with config.json and weights, or with such a folder "vae" in it; the weights in it; or a whole
    /// checkpoint of Stable Diffusion in any other form.
    /// </param>
    /// <exception cref="CloudsException">Weights: missing, damaged, or no autoencoder of Stable Diffusion's kind.</exception>
    public static AutoencoderWeights Open(string path)
    {
        path = CarriedWeights.PathOf(path);
        string beside = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        string? folder = ((string[])[beside, Path.Combine(path, Folder)]).FirstOrDefault(place => File.Exists(Path.Combine(place, PartWeights.Configuration)));
        if (folder is not null)
        {
            return OfPart(folder, File.Exists(path) ? path : PartWeights.Find(folder));
        }

        if (Directory.Exists(path) && !DiffusersFolder.Is(path) && !OnnxFolder.Is(path))
        {
            throw new CloudsException(Failure.Weights, "the folder holds no autoencoder", path, "neither config.json nor the folder vae",
                "config.json with weights beside it, or the folder vae with both", "name a folder that `clouds train vae` or diffusers has written");
        }

        DiffusionWeights whole = DiffusionWeights.Open(path);
        return new AutoencoderWeights(whole.Config.Autoencoder, whole.FilePaths, () => whole.Freeze(DiffusionPart.Autoencoder));
    }

    /// <summary>Its parameters.</summary>
    public static IReadOnlyCollection<Parameter> ParametersOf(AutoencoderConfig config)
    {
        GraphBuilder g = new("parameters");
        Autoencoder network = new(config);
        network.Decode(g, network.Encode(g, g.Input("image", ElementType.Float, [1, 3, config.Stride, config.Stride])).Mean);
        return g.Parameters;
    }

    /// <summary>Refuses sizes that no network has.</summary>
    /// <exception cref="CloudsException">Weights.</exception>
    public static void RequireFit(AutoencoderConfig config, string where)
    {
        void That(bool fits, string found, string expected) => _ = fits ? true : throw NotStableDiffusion.Of(where, found, expected);
        That(config.Widths.Count is > 1 and <= 8, $"{config.Widths.Count} resolutions of the autoencoder", "2 to 8");
        That(config.Widths.All(width => width % config.Groups == 0),
            $"widths {string.Join(", ", config.Widths)} of the autoencoder", $"multiples of {config.Groups}");
    }

    private static AutoencoderWeights OfPart(string folder, string weights)
    {
        string settings = Path.Combine(folder, PartWeights.Configuration);
        AutoencoderConfig config = PartConfiguration.Autoencoder(PartSettings.Read(settings));
        RequireFit(config, folder);
        return new AutoencoderWeights(config, [settings, weights], () => FrozenWeights.From(PartWeights.Open(weights), ParametersOf(config)));
    }
}
