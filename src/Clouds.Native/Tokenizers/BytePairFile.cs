using System.Text.Json;
using Clouds.Graph.Json;

namespace Clouds.Native.Tokenizers;

/// <summary>A tokenizer.json of Hugging Face's tokenizers, of byte-pair models: Llama 3's, Llama 2's, GPT-2's and their kin.</summary>
internal sealed class BytePairFile
{
    private const int MostTokens = 1 << 22;

    private BytePairFile(StrictJson json)
    {
        StrictJson model = json.Get("model");
        model.Find("type")?.OneOf("BPE");
        foreach (StrictJson token in model.Get("vocab").Members())
        {
            Ids.Add(token.Name!, token.Number(0, MostTokens));
        }

        Merges = [.. model.Get("merges").Items().Select(Merge)];
        Suffix = Text(model, "end_of_word_suffix");
        if (Text(model, "continuing_subword_prefix").Length > 0)
        {
            throw model.Get("continuing_subword_prefix").Wrong("nothing");
        }

        Unknown = Text(model, "unk_token");
        FusesUnknown = Flag(model, "fuse_unk");
        ByteFallback = Flag(model, "byte_fallback");
        IgnoresMerges = Flag(model, "ignore_merges");
        Marks = [.. json.Find("added_tokens")?.Items().Select(Mark) ?? []];
        Normalizer = TextStep.Read(json.Find("normalizer"));
        Words = TextStep.Read(json.Find("pre_tokenizer"));
        Steps = [.. StepsOf(json.Find("decoder")), .. StepsOf(json.Find("pre_tokenizer")), .. StepsOf(json.Find("normalizer"))];
        Start = FirstOf(json.Find("post_processor"));
    }

    /// <summary>Ids by token.</summary>
    public Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>Tokens that become one, first things first.</summary>
    public IReadOnlyList<(string First, string Second)> Merges { get; }

    /// <summary>Closes the last symbol of a word.</summary>
    public string Suffix { get; }

    /// <summary>The token of what has none; empty: there is none, and it is left out.</summary>
    public string Unknown { get; }

    /// <summary>Whether several of these one behind the other are one.</summary>
    public bool FusesUnknown { get; }

    /// <summary>Whether characters without a token are written as bytes.</summary>
    public bool ByteFallback { get; }

    /// <summary>Whether a word that is a token is not looked into.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>Tokens that were added.</summary>
    public IReadOnlyList<MarkToken> Marks { get; }

    /// <summary>What texts go through first.</summary>
    public TextStep.Cut Normalizer { get; }

    /// <summary>How they are cut in words.</summary>
    public TextStep.Cut Words { get; }

    /// <summary>Names of all steps.</summary>
    public IReadOnlyList<string> Steps { get; }

    /// <summary>The token in front of a text; null where the file adds none.</summary>
    public string? Start { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="name">Its name in messages.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: damaged, or with steps that are not known here.</exception>
    public static BytePairFile Read(byte[] text, string name) => new(StrictJson.Parse(text, ClipVocabulary.Origin(name) with { Noun = "the tokenizer" }));

    // "a b" in older files, ["a", "b"] in newer ones.
    private static (string First, string Second) Merge(StrictJson merge)
    {
        IReadOnlyList<string> parts = merge.Kind == JsonValueKind.Array ? [.. merge.Items().Select(part => part.Text())] : merge.Text().Split(' ');
        return parts is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : throw merge.Wrong("two tokens");
    }

    // One that the vocabulary has too keeps the id that it has there.
    private MarkToken Mark(StrictJson token)
    {
        string text = token.Get("content").Text();
        int id = token.Get("id").Number(0, MostTokens);
        return new MarkToken(text, Ids.GetValueOrDefault(text, id),
            Flag(token, "special"), Flag(token, "lstrip"), Flag(token, "rstrip"), Flag(token, "single_word"));
    }

    private static IEnumerable<string> StepsOf(StrictJson? step) => step is null || step.Kind == JsonValueKind.Null ? []
        : (step.Find("decoders") ?? step.Find("pretokenizers") ?? step.Find("normalizers"))?.Items().SelectMany(StepsOf) ?? [step.Get("type").Text()];

    // A template, by itself or behind other processors: [{"SpecialToken": {"id": ..}}, {"Sequence": ..}].
    private static string? FirstOf(StrictJson? processor) => processor is null || processor.Kind == JsonValueKind.Null ? null
        : processor.Find("processors")?.Items().Select(FirstOf).FirstOrDefault(token => token is not null)
            ?? processor.Find("single")?.Items().FirstOrDefault()?.Find("SpecialToken")?.Get("id").Text();

    private static string Text(StrictJson json, string key) =>
        json.Find(key) is { Kind: not JsonValueKind.Null } text ? text.TextOrEmpty() : "";

    private static bool Flag(StrictJson json, string key) => json.Find(key) is { Kind: JsonValueKind.True };
}
