using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>Tokenizers of language models that are learned from texts.</summary>
[Kind(TestKind.Fast)]
public sealed class LearnedTokenizerTests : IDisposable
{
    private static readonly string[] Texts = ["1. a photo of a bus in fog", "2. a photo of a tram in fog", "12. a bus, a tram"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Learn_WordsOfTheTexts_AreATokenEach_AnyTextComesBack()
    {
        LanguageTokenizer tokenizer = Learn(400);
        Assert.Equal(5, tokenizer.Encode(" photo of a bus").Count + tokenizer.Encode(" fog").Count);
        const string Other = "a <|eot_id|> zebra — in 雪\n\n🚲  ";
        Assert.Equal(Other, tokenizer.Decode(tokenizer.Encode(Other, marks: false)));
        Assert.InRange(tokenizer.Count, 270, 400);
        Assert.Equal(270, Learn(270).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Learn(261));
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => LanguageTokenizer.Learn(_folder[""], ["a b"], 300)).Failure);
    }

    // What Hugging Face's tokenizers wants of a file: a model, ids of added tokens behind its own, a template whose tokens have ids.
    [Fact]
    public void File_HasWhatHuggingFacesLibraryReads()
    {
        int count = Learn(300).Count;
        JsonNode json = JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!;
        Assert.Equal(Enumerable.Range(count - 5, 5), json["added_tokens"]!.AsArray().Select(mark => (int)mark!["id"]!));
        Assert.Equal(count - 5, json["model"]!["vocab"]!.AsObject().Count);
        Assert.Equal("<|begin_of_text|>", (string?)json["post_processor"]!["single"]![0]!["SpecialToken"]!["id"]);
        Assert.Equal(count - 5, (int)json["post_processor"]!["special_tokens"]!["<|begin_of_text|>"]!["ids"]![0]!);
        Assert.Equal(["ByteLevel", "ByteLevel"], new[] { "pre_tokenizer", "decoder" }.Select(step => (string?)json[step]!["type"]));
    }

    [Fact]
    public void Talk_IsWrittenAsInLlama3_AndEndsWithItsMark()
    {
        LanguageTokenizer words = Learn(300);
        ChatTokenizer tokenizer = ChatTokenizer.Load(_folder[""]);
        IReadOnlyList<int> ids = tokenizer.Question([new(ChatRole.User, "a bus")]);
        const string Talk =
            "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\na bus<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";
        Assert.Equal(words.Encode(Talk), ids);
        Assert.Equal([.. words.Encode("a tram"), words.IdOf("<|eot_id|>")!.Value], tokenizer.Answer(" a tram "));
        Assert.Equal((words.IdOf("<|begin_of_text|>"), words.IdOf("<|eot_id|>")), (tokenizer.Start, tokenizer.End));
        Assert.Equal([tokenizer.Start, .. words.Encode("a tram"), tokenizer.End], tokenizer.Text("a tram"));
    }

    [Fact]
    public void Load_TokenizerAlone_TalksAsItsMarksTell()
    {
        Learn(300);
        File.Delete(_folder["tokenizer_config.json"]);
        Assert.Equal(ChatFormat.Llama3, ChatTokenizer.Load(_folder["tokenizer.json"]).Format);
    }

    private LanguageTokenizer Learn(int most) => LanguageTokenizer.Learn(_folder[""], Texts, most);
}
