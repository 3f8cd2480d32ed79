using System.Text.Json.Nodes;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Weights;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Generation.Weights;

/// <summary>A Stable Diffusion of a few thousand weights, in the layout of diffusers; a test changes what it is about and saves it.</summary>
internal sealed class TinyDiffusion
{
    /// <summary>Bytes, bytes at a word's end, one merge, start and end.</summary>
    public const int Tokens = 515;

    /// <summary>Sizes.</summary>
    public DiffusionConfig Config { get; init; } = new()
    {
        TextEncoder = new TextEncoderConfig { Width = 32, Heads = 2, Layers = 2, Vocabulary = Tokens },
        UNet = new UNetConfig { Widths = [16, 32], Heads = [2, 2], TextResolutions = 1, Blocks = 1, TextWidth = 32, Groups = 8 },
        Autoencoder = new AutoencoderConfig { Widths = [8, 16], Blocks = 1, Groups = 4 },
        Sampler = new SamplerConfig { Kind = SamplerKind.Pndm },
        Side = 16,
        Padding = Tokens - 1,
    };

    /// <summary>Type of the weights.</summary>
    public WeightType Type { get; init; } = WeightType.F32;

    /// <summary>unet/config.json.</summary>
    public JsonObject UNet => new()
    {
        ["_class_name"] = "UNet2DConditionModel",
        ["in_channels"] = Config.UNet.Latents,
        ["out_channels"] = Config.UNet.Latents,
        ["sample_size"] = Config.Side / Config.Autoencoder.Stride,
        ["block_out_channels"] = Numbers(Config.UNet.Widths),
        ["attention_head_dim"] = Numbers(Config.UNet.Heads),
        ["layers_per_block"] = Config.UNet.Blocks,
        ["cross_attention_dim"] = Config.UNet.TextWidth,
        ["norm_num_groups"] = Config.UNet.Groups,
        ["use_linear_projection"] = Config.UNet.LinearProjection,
        ["down_block_types"] = new JsonArray("CrossAttnDownBlock2D", "DownBlock2D"),
        ["up_block_types"] = new JsonArray("UpBlock2D", "CrossAttnUpBlock2D"),
        ["class_embed_type"] = null,
    };

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Where.</param>
    public void Save(TemporaryFolder folder)
    {
        File.WriteAllText(folder["model_index.json"], """{"_class_name": "StableDiffusionPipeline", "safety_checker": [null, null]}""");
        File.WriteAllText(folder["unet/config.json"], UNet.ToJsonString());
        File.WriteAllText(folder["text_encoder/config.json"], new JsonObject
        {
            ["architectures"] = new JsonArray("CLIPTextModel"),
            ["hidden_size"] = Config.TextEncoder.Width,
            ["intermediate_size"] = 4 * Config.TextEncoder.Width,
            ["num_attention_heads"] = Config.TextEncoder.Heads,
            ["num_hidden_layers"] = Config.TextEncoder.Layers,
            ["vocab_size"] = Config.TextEncoder.Vocabulary,
            ["hidden_act"] = Config.TextEncoder.QuickGelu ? "quick_gelu" : "gelu",
            ["layer_norm_eps"] = 1e-05,
        }.ToJsonString());
        File.WriteAllText(folder["vae/config.json"], new JsonObject
        {
            ["_class_name"] = "AutoencoderKL",
            ["latent_channels"] = Config.Autoencoder.Latents,
            ["block_out_channels"] = Numbers(Config.Autoencoder.Widths),
            ["layers_per_block"] = Config.Autoencoder.Blocks,
            ["norm_num_groups"] = Config.Autoencoder.Groups,
        }.ToJsonString());
        File.WriteAllText(folder["scheduler/scheduler_config.json"], """
            {"_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1,
             "set_alpha_to_one": false, "trained_betas": null, "skip_prk_steps": true}
            """);
        SaveTokenizer(folder);
        WriteWeights(folder["text_encoder/model.safetensors"], DiffusionPart.TextEncoder);
        WriteWeights(folder["unet/diffusion_pytorch_model.safetensors"], DiffusionPart.UNet);
        WriteWeights(folder["vae/diffusion_pytorch_model.safetensors"], DiffusionPart.Autoencoder);
    }

    /// <summary>Writes one part's weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">The network.</param>
    /// <param name="named">The file's name for a tensor of ours; null: ours.</param>
    public void WriteWeights(string path, DiffusionPart part, Func<string, string>? named = null) =>
        Write(path, Config.ParametersOf(part).Select(parameter => (named?.Invoke(parameter.Name) ?? parameter.Name, parameter)), Type);

    /// <summary>Writes start values of parameters.</summary>
    public static void Write(string path, IEnumerable<(string Name, Parameter Parameter)> tensors, WeightType type)
    {
        (string Name, Parameter Parameter)[] all = [.. tensors];
        using SafetensorsWriter writer = new(path, [.. all.Select(tensor => new TensorDeclaration(tensor.Name, type, tensor.Parameter.Shape.Sizes))]);
        foreach ((string name, Parameter parameter) in all)
        {
            float[] values = parameter.Initialize(seed: 3);
            if (type == WeightType.F16)
            {
                writer.Write<Half>(name, Array.ConvertAll(values, value => (Half)value));
            }
            else
            {
                writer.Write<float>(name, values);
            }
        }

        writer.Commit();
    }

    private static void SaveTokenizer(TemporaryFolder folder)
    {
        JsonObject ids = [];
        string[] symbols = [.. ByteSymbols.All.Select(symbol => $"{symbol}")];
        foreach (string token in (string[])[.. symbols, .. symbols.Select(symbol => symbol + "</w>"), "ab", "<|startoftext|>", "<|endoftext|>"])
        {
            ids.Add(token, ids.Count);
        }

        File.WriteAllText(folder["tokenizer/vocab.json"], ids.ToJsonString());
        File.WriteAllText(folder["tokenizer/merges.txt"], "#version: 0.2\na b\n");
        File.WriteAllText(folder["tokenizer/tokenizer_config.json"], """{"pad_token": "<|endoftext|>"}""");
    }

    private static JsonArray Numbers(IEnumerable<int> numbers) => [.. numbers.Select(number => (JsonNode)number)];
}
