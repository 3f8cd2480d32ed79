using Clouds.Graph.Weights;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// A checkpoint in one file, as its authors publish it or as `clouds model import` writes it: three networks, and nothing that says what they are. Sizes are
/// told from the tensors; what they do not tell is that of Stable Diffusion 1.x or 2.x.
/// </summary>
internal static class SingleFile
{
    /// <summary>Width of an attention head of Stable Diffusion 2.x, and of both text encoders.</summary>
    public const int HeadWidth = 64;

    private const string Dialect = "stable_diffusion";
    private const string OurMark = "unet.conv_in.weight";

    private static readonly (DiffusionPart Part, string Scope)[] Scopes =
        [(DiffusionPart.TextEncoder, "text_encoder."), (DiffusionPart.UNet, "unet."), (DiffusionPart.Autoencoder, "vae.")];

    private static readonly (string Start, string What)[] Others =
    [
        ("conditioner.embedders.", "Stable Diffusion XL"),
        ("model.diffusion_model.joint_blocks.", "Stable Diffusion 3"),
        ("model.diffusion_model.double_blocks.", "a rectified-flow transformer"),
        ("model.diffusion_model.label_emb.", "a denoiser with classes: Stable Diffusion XL, unCLIP or an upscaler"),
        ("model.diffusion_model.time_embed.cond_proj.", "a latent consistency model"),
        ("control_model.", "a ControlNet"),
        ("lora_unet_", "a LoRA, which changes a checkpoint and is none"),
    ];

    /// <summary>Opens one.</summary>
    /// <param name="path">The file, or an index of shards.</param>
    /// <param name="prediction">What its denoiser predicts; null: what the settings beside it say, or else what its version was published with.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="DiffusionWeights.Open"/>.</exception>
    public static DiffusionWeights Open(string path, Prediction? prediction)
    {
        using WeightSource whole = OpenUnderOurNames(path);
        TensorShapes shapes = TensorShapes.Of(whole);
        DiffusionConfig config = SingleFileSizes.Of(path, shapes, HeadWidth);
        Prediction predicts = prediction ?? AuthorsSettings.Prediction(path) ?? (config.UNet.LinearProjection ? Prediction.V : Prediction.Epsilon);
        config = config with
        {
            Sampler = config.Sampler with { Prediction = predicts },
            Side = predicts == Prediction.V ? SingleFileSizes.LargeSide : SingleFileSizes.Side,
        };
        config.RequireFit(path);
        foreach ((DiffusionPart part, string scope) in Scopes)
        {
            WeightMatch.Require(SingleFileParts.Of(whole, scope), config.ParametersOf(part));
        }

        Dictionary<DiffusionPart, Func<WeightSource>> parts = Scopes.ToDictionary(
            part => part.Part, Func<WeightSource> (part) => () => SingleFileParts.Of(OpenUnderOurNames(path), part.Scope));
        string[] files = [.. whole.Files.Where(file => file.OnDisk).Select(file => file.Path)];
        return new DiffusionWeights(path, whole.Dialect is null ? "single file" : "original single file", config, ClipTokenizer.Default, parts, files);
    }

    private static WeightSource OpenUnderOurNames(string path)
    {
        WeightSource source = WeightSource.Open(path);
        try
        {
            RequireKnown(source);
            (string Dialect, string Below)? found = NameMap.Recognise(source.Tensors.Keys);
            return source.Tensors.ContainsKey(OurMark) ? source
                : found is { Dialect: Dialect } ? NameMap.Of(Dialect).Apply(source, found.Value.Below)
                : throw NotStableDiffusion.Of(path, $"{source.Tensors.Count} tensors, '{source.Tensors.Keys.FirstOrDefault()}' first",
                    "a denoiser, an autoencoder and a text encoder in one file, or a folder as diffusers writes it");
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static void RequireKnown(WeightSource source)
    {
        foreach ((string start, string what) in Others)
        {
            string? tensor = source.Tensors.Keys.FirstOrDefault(name => name.Contains(start, StringComparison.Ordinal));
            _ = tensor is null ? true : throw NotStableDiffusion.Of(source.Path, $"'{tensor}': {what}", "the tensors of Stable Diffusion 1.x or 2.x");
        }
    }
}
