using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;

namespace Clouds.Native.Tokenizers;

/// <summary>Finds out what a vocabulary file is, by its content and not by its name, and reads it.</summary>
internal static class VocabularyFile
{
    private const int MostBytes = 64 << 20;
    private const string BuiltInName = "clip-merges.txt.gz";

    private static readonly string[] Names = ["tokenizer.json", "vocab.json", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"];

    /// <summary>OpenAI's vocabulary, which is part of this library.</summary>
    public static ClipVocabulary BuiltIn()
    {
        using Stream resource = typeof(VocabularyFile).Assembly.GetManifestResourceStream(BuiltInName)!;
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return ClipVocabulary.Of(MergeList.Read(GzipText.Unpack(bytes, MostBytes, BuiltInName), BuiltInName, MergeList.OfClip), BuiltInName);
    }

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="path">A file, or the folder of one of <see cref="Names"/>.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: missing, truncated or damaged.</exception>
    public static ClipVocabulary Read(string path)
    {
        path = CarriedWeights.PathOf(path);
        string file = Directory.Exists(path) ? InFolder(path) : path;
        byte[] bytes = WholeFile.Read(file, MostBytes);
        byte[] text = GzipText.IsPacked(bytes) ? GzipText.Unpack(bytes, MostBytes, file) : bytes;
        return text.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8)
            ? OfJson(StrictJson.Parse(text, ClipVocabulary.Origin(file)), file)
            : ClipVocabulary.Of(MergeList.Read(text, file, MergeList.OfClip), file);
    }

    /// <summary>Writes a vocabulary as vocab.json with its merges.txt beside it.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: a file cannot be written.</exception>
    public static void Write(ClipVocabulary vocabulary, string folder)
    {
        JsonObject ids = new(vocabulary.Ids.OrderBy(token => token.Value).Select(token => KeyValuePair.Create(token.Key, (JsonNode?)token.Value)));
        IEnumerable<string> merges = vocabulary.Merges.Select(merge => $"{merge.First} {merge.Second}\n");
        AtomicFile.WriteAllBytes(Path.Combine(folder, "vocab.json"), Encoding.UTF8.GetBytes(ids.ToJsonString()));
        AtomicFile.WriteAllBytes(Path.Combine(folder, "merges.txt"), Encoding.UTF8.GetBytes($"#version: 0.2\n{string.Concat(merges)}"));
    }

    private static string InFolder(string folder) =>
        Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw ClipVocabulary.Damaged(folder, "none of them", $"one of {string.Join(", ", Names)} in it");

    private static ClipVocabulary OfJson(StrictJson json, string file) =>
        json.Find("model") is { Kind: JsonValueKind.Object } model ? OfTokenizer(model, file) : OfPair(json, file);

    // tokenizer.json: vocabulary and merges in one.
    private static ClipVocabulary OfTokenizer(StrictJson model, string file)
    {
        model.Find("type")?.OneOf("BPE");
        model.Get("end_of_word_suffix").OneOf(ClipVocabulary.WordEnd);
        return ClipVocabulary.Of(Ids(model.Get("vocab")), [.. model.Get("merges").Items().Select(Merge)], file);
    }

    // vocab.json, whose merges stand in a file beside it.
    private static ClipVocabulary OfPair(StrictJson json, string file)
    {
        string merges = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "merges.txt");
        return ClipVocabulary.Of(Ids(json), MergeList.Read(WholeFile.Read(merges, MostBytes), merges, ClipVocabulary.MostTokens), file);
    }

    private static Dictionary<string, int> Ids(StrictJson vocabulary)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach (StrictJson token in vocabulary.Members())
        {
            ids.Add(token.Name!, token.Number(0, ClipVocabulary.MostTokens - 1));
        }

        return ids;
    }

    // "a b" in older files, ["a", "b"] in newer ones.
    private static (string First, string Second) Merge(StrictJson merge)
    {
        IReadOnlyList<string> parts = merge.Kind == JsonValueKind.Array
            ? [.. merge.Items().Select(part => part.Text())]
            : merge.Text().Split(' ');
        return parts is [string first, string second] && first.Length > 0 && second.Length > 0 ? (first, second) : throw merge.Wrong("two tokens");
    }
}
