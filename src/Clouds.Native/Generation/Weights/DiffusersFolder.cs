using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// A checkpoint as diffusers writes it: model_index.json, and a folder for each of text_encoder, unet, vae, scheduler and tokenizer with the part's
/// configuration and weights.
/// </summary>
internal static class DiffusersFolder
{
    /// <summary>The file that such a folder is known by.</summary>
    public const string Index = "model_index.json";

    private const string Layout = "diffusers folder";

    private static readonly string[] Pipelines = ["StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionPipelineSafe"];

    private static readonly (DiffusionPart Part, string Folder)[] Folders =
        [(DiffusionPart.TextEncoder, "text_encoder"), (DiffusionPart.UNet, "unet"), (DiffusionPart.Autoencoder, "vae")];

    /// <summary>Whether a folder is one: it has the index, or the denoiser's configuration in its place.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, Index)) || File.Exists(Path.Combine(path, "unet", PartWeights.Configuration));

    /// <summary>Opens one.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CloudsException">As <see cref="DiffusionWeights.Open"/>.</exception>
    public static DiffusionWeights Open(string folder)
    {
        List<string> files = [];
        RequirePipeline(folder, files);
        PartSettings Read(string part, string name = PartWeights.Configuration)
        {
            files.Add(Path.Combine(folder, part, name));
            return PartSettings.Read(files[^1]);
        }

        (PartSettings text, PartSettings unet, PartSettings vae) = (Read("text_encoder"), Read("unet"), Read("vae"));
        TextEncoderConfig encoder = PartConfiguration.TextEncoder(text);
        AutoencoderConfig autoencoder = PartConfiguration.Autoencoder(vae);
        (ClipTokenizer tokenizer, int padding) = FolderTokenizer.Open(Path.Combine(folder, "tokenizer"), encoder, files);
        PartSettings scheduler = Read("scheduler", "scheduler_config.json");
        DiffusionConfig config = new()
        {
            TextEncoder = encoder,
            UNet = PartConfiguration.UNet(unet),
            Autoencoder = autoencoder,
            Sampler = SchedulerConfiguration.Read(scheduler),
            ForeignSampler = SchedulerConfiguration.Foreign(scheduler),
            Side = PartConfiguration.SampleSide(unet) * autoencoder.Stride,
            Padding = padding,
        };
        config.RequireFit(folder);
        return new DiffusionWeights(folder, Layout, config, tokenizer, Parts(folder, config, files), files);
    }

    private static void RequirePipeline(string folder, List<string> files)
    {
        string index = Path.Combine(folder, Index);
        if (File.Exists(index))
        {
            PartSettings settings = PartSettings.Read(index);
            string pipeline = settings.Word("_class_name", Pipelines[0]);
            _ = Pipelines.Contains(pipeline) ? true : throw settings.Other($"a pipeline {pipeline}", string.Join(", ", Pipelines));
            files.Add(index);
        }
    }

    private static Dictionary<DiffusionPart, Func<WeightSource>> Parts(string folder, DiffusionConfig config, List<string> files)
    {
        Dictionary<DiffusionPart, Func<WeightSource>> parts = [];
        foreach ((DiffusionPart part, string name) in Folders)
        {
            string file = PartWeights.Find(Path.Combine(folder, name));
            using WeightSource source = PartWeights.Open(file);
            WeightMatch.Require(source, config.ParametersOf(part));
            files.AddRange(file.EndsWith(".json", StringComparison.Ordinal) ? [file] : []);
            files.AddRange(source.Files.Where(mapped => mapped.OnDisk).Select(mapped => mapped.Path));
            parts.Add(part, () => PartWeights.Open(file));
        }

        return parts;
    }
}
