using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Files;
using Clouds.Models.Llama;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Training.Language;

/// <summary>A Llama as Hugging Face's library writes one: config.json, model.safetensors and the files of its tokenizer in a folder.</summary>
internal static class LlamaModel
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>Writes the folder.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: it cannot be written.</exception>
    public static void Write(string folder, LanguageTrainingConfig config, ParameterArena arena)
    {
        Directory.CreateDirectory(folder);
        ArenaFile.Write(Path.Combine(folder, "model.safetensors"), arena);
        AtomicFile.WriteAllBytes(Path.Combine(folder, "config.json"), JsonSerializer.SerializeToUtf8Bytes<JsonNode>(Configuration(config), Format));
        string[] tokenizer = config.Tokenizer.Length == 0 ? [] : Directory.Exists(config.Tokenizer) ? Directory.GetFiles(config.Tokenizer) : [config.Tokenizer];
        foreach (string file in tokenizer)
        {
            AtomicFile.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        }
    }

    private static JsonObject Configuration(LanguageTrainingConfig config)
    {
        LlamaConfig network = config.Network;
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["bos_token_id"] = config.Start,
            ["eos_token_id"] = config.End,
            ["head_dim"] = network.HeadSize,
            ["hidden_act"] = "silu",
            ["hidden_size"] = network.Width,
            ["intermediate_size"] = network.FeedForward,
            ["max_position_embeddings"] = network.Context,
            ["model_type"] = "llama",
            ["num_attention_heads"] = network.Heads,
            ["num_hidden_layers"] = network.Layers,
            ["num_key_value_heads"] = network.KeyValueHeads,
            ["rms_norm_eps"] = network.Epsilon,
            ["rope_theta"] = network.RopeTheta,
            ["tie_word_embeddings"] = network.TiedEmbeddings,
            ["torch_dtype"] = "float32",
            ["vocab_size"] = network.Vocabulary,
        };
        if (network.RopeScaling is RopeScaling scaling)
        {
            json["rope_scaling"] = new JsonObject
            {
                ["factor"] = scaling.Factor,
                ["high_freq_factor"] = scaling.HighFrequency,
                ["low_freq_factor"] = scaling.LowFrequency,
                ["original_max_position_embeddings"] = scaling.OldContext,
                ["rope_type"] = "llama3",
            };
        }

        return json;
    }
}
