using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Building;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Tokenizers;

namespace Clouds.Training.Diffusion;

/// <summary>A folder as diffusers writes a Stable Diffusion: a folder for each part, with its configuration and weights.</summary>
/// <param name="path">The folder; made where it is missing.</param>
internal sealed class DiffusersModel(string path)
{
    /// <summary>Names of the parts' folders.</summary>
    public const string Autoencoder = "vae", Denoiser = "unet", TextEncoder = "text_encoder", Scheduler = "scheduler", Tokenizer = "tokenizer";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Path of a part's weights; its folder is there afterwards.</summary>
    public string Weights(string part) => In(part, part == TextEncoder ? "model.safetensors" : "diffusion_pytorch_model.safetensors");

    /// <summary>Writes the weights of a part that was not trained, from a file in any container, under their published names.</summary>
    /// <param name="part">The part.</param>
    /// <param name="source">The file.</param>
    /// <param name="parameters">What the part's network wants.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the file does not fit; Output: it cannot be written.</exception>
    public void Copy(string part, string source, IReadOnlyCollection<Parameter> parameters)
    {
        using FrozenWeights weights = FrozenWeights.Open(source, parameters);
        TensorDeclaration[] tensors = [.. weights.Tensors.Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type, tensor.Shape))];
        using SafetensorsWriter writer = new(Weights(part), tensors);
        foreach (TensorEntry tensor in weights.Tensors)
        {
            writer.Copy(tensor.Name, tensor);
        }

        writer.Commit();
    }

    /// <summary>Writes the tokenizer, and the token that fills prompts up.</summary>
    public void Configure(ClipTokenizer tokenizer, TextEncoderConfig encoder)
    {
        string settings = In(Tokenizer, "tokenizer_config.json");
        tokenizer.Save(Path.GetDirectoryName(settings)!);
        Write(settings, new JsonObject
        {
            ["model_max_length"] = encoder.Context,
            ["pad_token"] = encoder.QuickGelu ? "<|endoftext|>" : "!",
            ["tokenizer_class"] = "CLIPTokenizer",
        });
    }

    /// <summary>Writes the configuration of an autoencoder.</summary>
    public void Configure(AutoencoderConfig config, int width, int height) => Write(In(Autoencoder, "config.json"), new JsonObject
    {
        ["_class_name"] = "AutoencoderKL",
        ["act_fn"] = "silu",
        ["block_out_channels"] = List(config.Widths),
        ["down_block_types"] = Repeated("DownEncoderBlock2D", config.Widths.Count),
        ["in_channels"] = 3,
        ["latent_channels"] = config.Latents,
        ["layers_per_block"] = config.Blocks,
        ["norm_num_groups"] = config.Groups,
        ["out_channels"] = 3,
        ["sample_size"] = Math.Max(width, height),
        ["scaling_factor"] = config.Scale,
        ["up_block_types"] = Repeated("UpDecoderBlock2D", config.Widths.Count),
    });

    /// <summary>Writes the configuration of a denoiser.</summary>
    public void Configure(UNetConfig config, int width, int height)
    {
        string[] down = [.. Enumerable.Range(0, config.Widths.Count).Select(level => config.LooksAtText(level) ? "CrossAttnDownBlock2D" : "DownBlock2D")];
        Write(In(Denoiser, "config.json"), new JsonObject
        {
            ["_class_name"] = "UNet2DConditionModel",
            ["act_fn"] = "silu",
            ["attention_head_dim"] = List(config.Heads),
            ["block_out_channels"] = List(config.Widths),
            ["center_input_sample"] = false,
            ["cross_attention_dim"] = config.TextWidth,
            ["down_block_types"] = List(down),
            ["downsample_padding"] = 1,
            ["flip_sin_to_cos"] = true,
            ["freq_shift"] = 0,
            ["in_channels"] = config.Latents,
            ["layers_per_block"] = config.Blocks,
            ["mid_block_scale_factor"] = 1,
            ["norm_eps"] = 1e-5,
            ["norm_num_groups"] = config.Groups,
            ["out_channels"] = config.Latents,
            ["sample_size"] = Math.Max(width, height),
            ["up_block_types"] = List([.. down.Reverse().Select(block => block.Replace("Down", "Up", StringComparison.Ordinal))]),
            ["use_linear_projection"] = config.LinearProjection,
        });
    }

    /// <summary>Writes the configuration of a text encoder.</summary>
    public void Configure(TextEncoderConfig config, int start, int end) => Write(In(TextEncoder, "config.json"), new JsonObject
    {
        ["architectures"] = List(["CLIPTextModel"]),
        ["bos_token_id"] = start,
        ["eos_token_id"] = end,
        ["hidden_act"] = config.QuickGelu ? "quick_gelu" : "gelu",
        ["hidden_size"] = config.Width,
        ["intermediate_size"] = 4 * config.Width,
        ["layer_norm_eps"] = 1e-5,
        ["max_position_embeddings"] = config.Context,
        ["model_type"] = "clip_text_model",
        ["num_attention_heads"] = config.Heads,
        ["num_hidden_layers"] = config.Layers,
        ["vocab_size"] = config.Vocabulary,
    });

    /// <summary>Writes what the denoiser was trained on, and the list of the parts, which makes the folder a model.</summary>
    public void Complete(DiffusionTrainingConfig config)
    {
        Write(In(Scheduler, "scheduler_config.json"), new JsonObject
        {
            ["_class_name"] = "EulerDiscreteScheduler",
            ["beta_end"] = config.LastVariance,
            ["beta_schedule"] = "scaled_linear",
            ["beta_start"] = config.FirstVariance,
            ["num_train_timesteps"] = config.Times,
            ["prediction_type"] = config.Prediction == Prediction.V ? "v_prediction" : "epsilon",
            ["steps_offset"] = 1,
        });
        Write(Path.Combine(path, "model_index.json"), new JsonObject
        {
            ["_class_name"] = "StableDiffusionPipeline",
            [Scheduler] = List(["diffusers", "EulerDiscreteScheduler"]),
            [TextEncoder] = List(["transformers", "CLIPTextModel"]),
            [Tokenizer] = List(["transformers", "CLIPTokenizer"]),
            [Denoiser] = List(["diffusers", "UNet2DConditionModel"]),
            [Autoencoder] = List(["diffusers", "AutoencoderKL"]),
        });
    }

    private string In(string part, string file) => Path.Combine(Directory.CreateDirectory(Path.Combine(path, part)).FullName, file);

    private static void Write(string file, JsonObject json) => AtomicFile.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json, Format));

    private static JsonArray List(IEnumerable<string> words) => [.. words.Select(word => (JsonNode)word)];

    private static JsonArray List(IEnumerable<int> numbers) => [.. numbers.Select(number => (JsonNode)number)];

    private static JsonArray Repeated(string word, int times) => List(Enumerable.Repeat(word, times));
}
