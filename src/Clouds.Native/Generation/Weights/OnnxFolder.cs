using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// A checkpoint as diffusers exports it to ONNX: a graph in each of text_encoder, unet, vae_decoder and vae_encoder, scheduler and tokenizer as everywhere.
/// The graphs' weights are taken and our networks run them: on a processor and on a GPU, at any size, in a loop that keeps latents where they are.
/// </summary>
internal static class OnnxFolder
{
    private const string Model = "model.onnx";

    private static readonly string[] Parts = ["text_encoder", "unet", "vae_encoder", "vae_decoder"];

    /// <summary>Whether a folder is one: it has the denoiser's graph, and not its weights beside it.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, "unet", Model)) && !PartWeights.AreIn(Path.Combine(path, "unet"));

    /// <summary>Opens one.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="DiffusionWeights.Open"/>.</exception>
    public static DiffusionWeights Open(string folder)
    {
        List<string> files = [];
        DiffusionConfig config = Sizes(folder, files);
        files.Add(Path.Combine(folder, "scheduler", "scheduler_config.json"));
        PartSettings scheduler = PartSettings.Read(files[^1]);
        SamplerConfig sampler = SchedulerConfiguration.Read(scheduler);
        (ClipTokenizer tokenizer, int padding) = FolderTokenizer.Open(Path.Combine(folder, "tokenizer"), config.TextEncoder, files);
        config = config with
        {
            Sampler = sampler,
            ForeignSampler = SchedulerConfiguration.Foreign(scheduler),
            Padding = padding,
            Side = sampler.Prediction == Prediction.V ? SingleFileSizes.LargeSide : SingleFileSizes.Side,
        };
        config.RequireFit(folder);
        Dictionary<DiffusionPart, Func<WeightSource>> parts = Enum.GetValues<DiffusionPart>()
            .ToDictionary(part => part, Func<WeightSource> (part) => () => Read(folder, config, part));
        foreach (Func<WeightSource> part in parts.Values)
        {
            part().Dispose();
        }

        return new DiffusionWeights(folder, "diffusers ONNX folder", config, tokenizer, parts, files);
    }

    private static DiffusionConfig Sizes(string folder, List<string> files)
    {
        Dictionary<string, IReadOnlyList<long>> shapes = new(StringComparer.Ordinal);
        foreach (string part in Parts)
        {
            using WeightSource source = WeightSource.Open(Path.Combine(folder, part, Model));
            files.AddRange(source.Files.Where(file => file.OnDisk).Select(file => file.Path));
            string scope = part.StartsWith("vae", StringComparison.Ordinal) ? "vae." : $"{part}.";
            foreach (TensorEntry tensor in source.Tensors.Values)
            {
                shapes.TryAdd(scope + tensor.Name, tensor.Shape);
            }
        }

        return SingleFileSizes.Of(folder, new TensorShapes(shapes), SingleFile.HeadWidth);
    }

    private static WeightSource Read(string folder, DiffusionConfig config, DiffusionPart part)
    {
        string[] graphs = part switch
        {
            DiffusionPart.TextEncoder => [Parts[0]],
            DiffusionPart.UNet => [Parts[1]],
            _ => [Parts[2], Parts[3]],
        };
        List<WeightSource> sources = [];
        try
        {
            sources.AddRange(graphs.Select(graph => WeightSource.Open(Path.Combine(folder, graph, Model))));
            ILookup<bool, Parameter> ofEncoder = config.ParametersOf(part).ToLookup(parameter => IsOfEncoder(part, parameter.Name));
            IEnumerable<TensorEntry> tensors = sources.SelectMany((source, index) => TracedGraph.Read(source, [.. ofEncoder[index == 0]]));
            return sources[0].With([.. tensors], [.. sources.Skip(1)]);
        }
        catch
        {
            sources.ForEach(source => source.Dispose());
            throw;
        }
    }

    private static bool IsOfEncoder(DiffusionPart part, string name) => part != DiffusionPart.Autoencoder
        || name.StartsWith("encoder.", StringComparison.Ordinal) || name.StartsWith("quant_conv.", StringComparison.Ordinal);
}
