using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>A vocabulary of five merges in every form in which CLIP's is published.</summary>
internal static class SmallVocabulary
{
    public static readonly (string First, string Second)[] Merges = [("r", "o"), ("a", "d</w>"), ("ro", "ad</w>"), ("a", "b"), ("t", "h")];

    public static string MergeText => $"#version: 0.2\n{string.Concat(Merges.Select(merge => $"{merge.First} {merge.Second}\n"))}";

    public static Dictionary<string, int> Ids
    {
        get
        {
            string[] symbols = [.. ByteSymbols.All.Select(symbol => $"{symbol}")];
            string[] merged = [.. Merges.Select(merge => merge.First + merge.Second)];
            IEnumerable<string> tokens = [.. symbols, .. symbols.Select(symbol => symbol + "</w>"), .. merged, ClipWords.Start, ClipWords.End];
            return tokens.Select((token, id) => (token, id)).ToDictionary();
        }
    }

    public static byte[] Packed(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionMode.Compress))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    public static string TokenizerJson(object merges, string type = "BPE", string suffix = "</w>", Dictionary<string, int>? ids = null) =>
        JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = new[] { new { id = 517, content = ClipWords.Start } },
            model = new { type, end_of_word_suffix = suffix, vocab = ids ?? Ids, merges },
        });

    /// <summary>Writes one of the forms.</summary>
    /// <returns>What to give to the tokenizer.</returns>
    public static string Write(string form, TemporaryFolder folder)
    {
        switch (form)
        {
            case "text":
                File.WriteAllText(folder["merges"], MergeText);
                return folder["merges"];
            case "packed":
                File.WriteAllBytes(folder["any.name"], Packed(MergeText));
                return folder["any.name"];
            case "pair":
                File.WriteAllText(folder["vocab.json"], JsonSerializer.Serialize(Ids));
                File.WriteAllText(folder["merges.txt"], MergeText.ReplaceLineEndings("\r\n"));
                return folder["vocab.json"];
            case "folder":
                File.WriteAllText(folder["tokenizer.json"], TokenizerJson(Merges.Select(merge => $"{merge.First} {merge.Second}")));
                return folder.Path;
            default:
                File.WriteAllText(folder["tokenizer.json"], TokenizerJson(Merges.Select(merge => new[] { merge.First, merge.Second })));
                return folder["tokenizer.json"];
        }
    }
}
