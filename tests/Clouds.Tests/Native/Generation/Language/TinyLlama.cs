using System.Text.Json.Nodes;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;

namespace Clouds.Tests.Native.Generation.Language;

/// <summary>Folders of language models of a few kilobytes, as Hugging Face publishes large ones.</summary>
internal static class TinyLlama
{
    /// <summary>Sizes of a drawn one; its heads are narrower than any kernel's, and no matrix fits whole blocks.</summary>
    public static readonly LlamaConfig Config = new()
    {
        Width = 48, Layers = 2, Heads = 4, KeyValueHeads = 2, FeedForward = 72, Vocabulary = 64, Context = 512,
    };

    /// <summary>Writes a model with drawn weights, whose tokens are the characters "!" to "`".</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="type">Element type of the weights.</param>
    /// <param name="shards">Files.</param>
    /// <param name="config">Sizes; null: as above.</param>
    /// <param name="change">Changes config.json.</param>
    /// <param name="scale">What drawn weights are multiplied by.</param>
    /// <returns>The folder.</returns>
    public static string Write(
        string folder, WeightType type = WeightType.F32, int shards = 1, LlamaConfig? config = null, Action<JsonObject>? change = null, float scale = 6)
    {
        LlamaConfig sizes = config ?? Config;
        GraphBuilder g = new("llama");
        new LlamaNetwork(sizes).Build(g, g.Input("tokens", ElementType.Int64, [1, 1]));
        (string Name, long[] Shape, float[] Values)[] tensors =
            [.. g.Parameters.Select(p => (p.Name, p.Shape.Sizes, Scaled(p.Initialize(7), p.Kind == ParameterKind.Norm ? 1 : scale)))];
        Directory.CreateDirectory(folder);
        WriteWeights(folder, tensors, type, shards);
        WriteSettings(folder, sizes, change);
        return folder;
    }

    /// <summary>Writes a golden case's network under the same tokens, from "!" on.</summary>
    public static string WriteGolden(string folder, string name)
    {
        string golden = Path.Combine(Repository.Root, "tests/golden/llama", name);
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(golden, "case.json")))!["config"]!;
        int Number(string key) => (int)config[key]!;
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(golden, "weights.safetensors"), Path.Combine(folder, "model.safetensors"));
        WriteSettings(folder, new LlamaConfig
        {
            Width = Number("hidden_size"), Layers = Number("num_hidden_layers"), Heads = Number("num_attention_heads"),
            KeyValueHeads = Number("num_key_value_heads"), FeedForward = Number("intermediate_size"), Vocabulary = Number("vocab_size"),
            Context = Number("max_position_embeddings"), Epsilon = (float)config["rms_norm_eps"]!, RopeTheta = (double)config["rope_theta"]!,
        });
        return folder;
    }

    /// <summary>The character of a token.</summary>
    public static char Letter(long token) => (char)('!' + token);

    private static float[] Scaled(float[] values, float scale) => Array.ConvertAll(values, value => value * scale);

    private static void WriteSettings(string folder, LlamaConfig sizes, Action<JsonObject>? change = null)
    {
        JsonObject config = new()
        {
            ["model_type"] = "llama", ["hidden_act"] = "silu", ["hidden_size"] = sizes.Width, ["num_hidden_layers"] = sizes.Layers,
            ["num_attention_heads"] = sizes.Heads, ["num_key_value_heads"] = sizes.KeyValueHeads, ["intermediate_size"] = sizes.FeedForward,
            ["vocab_size"] = sizes.Vocabulary, ["max_position_embeddings"] = sizes.Context, ["rms_norm_eps"] = sizes.Epsilon,
            ["rope_theta"] = sizes.RopeTheta, ["tie_word_embeddings"] = sizes.TiedEmbeddings, ["rope_scaling"] = null,
        };
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        JsonObject vocabulary = new(Enumerable.Range(0, sizes.Vocabulary).Select(id => KeyValuePair.Create($"{Letter(id)}", (JsonNode?)id)));
        JsonObject tokenizer = new() { ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() } };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
    }

    private static void WriteWeights(string folder, (string Name, long[] Shape, float[] Values)[] tensors, WeightType type, int shards)
    {
        JsonObject map = [];
        for (int shard = 0; shard < shards; shard++)
        {
            (string Name, long[] Shape, float[] Values)[] part = [.. tensors.Where((_, i) => i % shards == shard)];
            string file = shards == 1 ? "model.safetensors" : $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            TensorDeclaration[] declared = [.. part.Select(tensor => new TensorDeclaration(tensor.Name, type, tensor.Shape))];
            using SafetensorsWriter writer = new(Path.Combine(folder, file), declared);
            foreach ((string name, _, float[] values) in part)
            {
                map.Add(name, file);
                Put(writer, name, values, type);
            }

            writer.Commit();
        }

        if (shards > 1)
        {
            JsonObject index = new() { ["metadata"] = new JsonObject(), ["weight_map"] = map };
            File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
        }
    }

    private static void Put(SafetensorsWriter writer, string name, float[] values, WeightType type)
    {
        switch (type)
        {
            case WeightType.F16:
                writer.Write(name, Array.ConvertAll(values, value => (Half)value));
                break;
            case WeightType.BF16:
                writer.Write(name, Array.ConvertAll(values, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)));
                break;
            default:
                writer.Write(name, values);
                break;
        }
    }
}
