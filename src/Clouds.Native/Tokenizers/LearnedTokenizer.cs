using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// A tokenizer of Llama 3's form that is learned from texts: a token for every byte, the pairs of tokens that stand beside each other most often in a word, and
/// the marks of texts and talks. Written as Hugging Face's tokenizers and transformers read it.
/// </summary>
internal static class LearnedTokenizer
{
    private const int Bytes = 256;
    private const string Start = "<|begin_of_text|>";
    private const string TurnEnd = "<|eot_id|>";

    // Meta's llama3 (2024), tokenizer.py: a header in front of each turn, a mark behind it.
    private const string Template =
        "{{- bos_token }}{%- for message in messages %}{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}"
        + "{{- message.content | trim }}{{- '<|eot_id|>' }}{%- endfor %}"
        + "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}";

    private static readonly string[] Marks = [Start, "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", TurnEnd];
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Tokens that every one has: bytes and marks.</summary>
    public static int FixedTokens => Bytes + Marks.Length;

    /// <summary>Learns one and writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="most">Most tokens, more than <see cref="FixedTokens"/>; fewer where no pair occurs twice any more.</param>
    /// <exception cref="CloudsException">BadInput: no pair occurs twice; Output: a file cannot be written.</exception>
    public static void Write(string folder, IEnumerable<string> texts, int most)
    {
        BytePairFile bytes = BytePairFile.Read(JsonSerializer.SerializeToUtf8Bytes(Json([])), "bytes");
        Dictionary<string, long> words = new(StringComparer.Ordinal);
        foreach (string word in texts.SelectMany(text => bytes.Words(text, true)))
        {
            words[word] = words.GetValueOrDefault(word) + 1;
        }

        BytePairLearner learner = new(words.Select(word => ((IReadOnlyList<string>)[.. word.Key.Select(symbol => $"{symbol}")], word.Value)));
        IReadOnlyList<(string First, string Second)> merges = learner.Learn(most - FixedTokens);
        if (merges.Count == 0)
        {
            throw new CloudsException(Failure.BadInput, "nothing can be learned from the texts", folder, "no two letters beside each other twice", "texts");
        }

        Save(Path.Combine(folder, LanguageTokenizer.Json), Json(merges));
        Save(Path.Combine(folder, "tokenizer_config.json"), Settings());
    }

    private static void Save(string path, JsonNode json) => AtomicFile.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(json, Format));

    private static JsonObject Json(IReadOnlyList<(string First, string Second)> merges)
    {
        string[] tokens = [.. ByteSymbols.All.Select(symbol => $"{symbol}"), .. merges.Select(merge => merge.First + merge.Second).Distinct()];
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. Marks.Select((mark, i) => Mark(mark, tokens.Length + i))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = Started(tokens.Length),
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(merge => $"{merge.First} {merge.Second}")]),
            },
        };
    }

    private static JsonObject Mark(string mark, int id) => new()
    {
        ["id"] = id,
        ["content"] = mark,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    private static JsonObject Started(int id)
    {
        JsonObject Special(int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = Start, ["type_id"] = type } };
        JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special(0), Sequence("A", 0)),
            ["pair"] = new JsonArray(Special(0), Sequence("A", 0), Special(1), Sequence("B", 1)),
            ["special_tokens"] = new JsonObject { [Start] = new JsonObject { ["id"] = Start, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(Start) } },
        };
    }

    private static JsonObject Settings() => new()
    {
        ["bos_token"] = Start,
        ["chat_template"] = Template,
        ["clean_up_tokenization_spaces"] = false,
        ["eos_token"] = TurnEnd,
        ["tokenizer_class"] = "PreTrainedTokenizerFast",
    };
}
