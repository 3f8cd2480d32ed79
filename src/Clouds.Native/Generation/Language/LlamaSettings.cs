using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Models.Llama;

namespace Clouds.Native.Generation.Language;

/// <summary>Reads a Llama's sizes from Hugging Face's config.json, and refuses what would be computed otherwise than it says.</summary>
internal static class LlamaSettings
{
    private const int Most = 1 << 20;
    private const int MostTokens = 1 << 26;

    /// <summary>Words for such networks, "model_type".</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["llama", "mistral"];

    /// <summary>The network.</summary>
    /// <exception cref="CloudsException">BadInput: no Llama, sizes that do not fit each other, or a member that changes the network and is not known here.
    /// </exception>
    public static LlamaConfig Read(StrictJson json)
    {
        Require(json, "model_type", [.. Kinds]);
        Require(json, "hidden_act", "silu", "swish");
        Refuse(json, "attention_bias");
        Refuse(json, "mlp_bias");
        Refuse(json, "sliding_window");
        int heads = json.Get("num_attention_heads").Number(1, Most);
        StrictJson? rope = Given(json, "rope_parameters") ?? Given(json, "rope_scaling");
        LlamaConfig config = new()
        {
            Width = json.Get("hidden_size").Number(1, Most),
            Layers = json.Get("num_hidden_layers").Number(1, Most),
            Heads = heads,
            KeyValueHeads = Given(json, "num_key_value_heads")?.Number(1, heads) ?? heads,
            HeadWidth = Given(json, "head_dim")?.Number(1, Most) ?? 0,
            FeedForward = json.Get("intermediate_size").Number(1, Most),
            Vocabulary = json.Get("vocab_size").Number(1, MostTokens),
            Context = Given(json, "max_position_embeddings")?.Number(1, MostTokens) ?? 2048,
            Epsilon = (float)(Given(json, "rms_norm_eps")?.Real() ?? 1e-6),
            RopeTheta = (Given(json, "rope_theta") ?? (rope is null ? null : Given(rope, "rope_theta")))?.Real() ?? 10_000,
            RopeScaling = rope is null ? null : Scaling(rope),
            TiedEmbeddings = Given(json, "tie_word_embeddings") is { Kind: JsonValueKind.True },
        };
        RequireSizes(json, config);
        return config;
    }

    /// <summary>Ids behind which an answer ends: generation_config.json's, otherwise config.json's.</summary>
    public static IReadOnlyList<int> Ends(StrictJson? generation, StrictJson config)
    {
        StrictJson? ends = (generation is null ? null : Given(generation, "eos_token_id")) ?? Given(config, "eos_token_id");
        return ends is null ? [] : ends.Kind == JsonValueKind.Array ? [.. ends.Items().Select(Id)] : [Id(ends)];
    }

    /// <summary>Id of the token in front of texts, where config.json tells.</summary>
    public static int? Start(StrictJson config) => Given(config, "bos_token_id") is StrictJson id ? Id(id) : null;

    private static int Id(StrictJson id) => id.Number(0, MostTokens);

    private static RopeScaling? Scaling(StrictJson rope)
    {
        StrictJson type = Given(rope, "rope_type") ?? rope.Get("type");
        return type.OneOf("default", "llama3") == "default" ? null : new RopeScaling(
            rope.Get("factor").Real(), rope.Get("low_freq_factor").Real(), rope.Get("high_freq_factor").Real(),
            rope.Get("original_max_position_embeddings").Number(1, MostTokens));
    }

    private static void RequireSizes(StrictJson json, LlamaConfig config)
    {
        if (config.Heads % config.KeyValueHeads != 0)
        {
            throw json.Get("num_key_value_heads").Wrong($"a divisor of {config.Heads}, the number of heads");
        }

        if ((config.HeadWidth == 0 && config.Width % config.Heads != 0) || config.HeadSize % 2 != 0)
        {
            throw json.Get("hidden_size").Wrong($"{config.Heads} heads of an even width");
        }

        if (!(config.Epsilon > 0 && config.RopeTheta > 0 && config.RopeScaling is null or { Factor: > 0 }))
        {
            throw json.Get("hidden_size").Wrong("a network with positive rms_norm_eps, rope_theta and factor");
        }
    }

    private static void Require(StrictJson json, string key, params string[] words) => _ = Given(json, key)?.OneOf(words);

    private static void Refuse(StrictJson json, string key)
    {
        if (Given(json, key) is { Kind: not JsonValueKind.False } other)
        {
            throw other.Wrong("nothing: such networks are not known here");
        }
    }

    private static StrictJson? Given(StrictJson json, string key) => json.Find(key) is { Kind: not JsonValueKind.Null } value ? value : null;
}
