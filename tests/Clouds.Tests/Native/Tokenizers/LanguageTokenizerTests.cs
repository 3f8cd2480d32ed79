using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;
using Google.Protobuf;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>
/// Language models' tokenizers against SentencePiece and Hugging Face's tokenizers, on texts with emoji, CJK, marks, runs of spaces and what has no token of
/// its own (tests/golden/language_tokenizer); and files that are damaged or of another kind.
/// </summary>
[Kind(TestKind.Fast)]
public sealed class LanguageTokenizerTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests/golden/language_tokenizer");

    [Theory]
    [InlineData("pieces.model")]
    [InlineData("fallback.json")]
    [InlineData("metaspace.json")]
    [InlineData("words.json")]
    [InlineData("merges.json")]
    [InlineData("prefix.json")]
    public void Encode_EveryGoldenText_GivesTheReferencesIdsAndBack(string file)
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, file));
        int texts = 0;
        foreach (string line in File.ReadLines(Path.Combine(Golden, "ids.jsonl")))
        {
            JsonElement row = JsonElement.Parse(line);
            string text = row.GetProperty("text").GetString()!;
            int[] expected = [.. row.GetProperty(file).EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, tokenizer.Encode(text));
            Assert.Equal(row.TryGetProperty($"text of {file}", out JsonElement back) ? back.GetString() : text, tokenizer.Decode(expected));
            texts++;
        }

        Assert.Equal(183, texts);
    }

    // "a" and "b" have pieces, "ab" scores less than "bc": the better pair first, of equals the leftmost; a user's piece is never looked into.
    [Fact]
    public void Encode_PiecesOfAModelByHand_AreMergedByScore()
    {
        LanguageTokenizer tokenizer = Read(Model(("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("a", -4, 1), ("b", -5, 1), ("c", -6, 1), ("\u2581", -7, 1),
            ("ab", -2, 1), ("bc", -1, 1), ("aa", -3, 1), ("<x>", 0, 4)));
        Assert.Equal([6, 3, 8], tokenizer.Encode("abc"));
        Assert.Equal([6, 9, 3], tokenizer.Encode("aaa"));
        Assert.Equal([6, 3, 10, 4], tokenizer.Encode("a<x>b"));
        Assert.Equal([6, 0, 3], tokenizer.Encode("日本a"));
        Assert.Equal("a \u2047 b", tokenizer.Decode([1, 6, 3, 0, 4, 2]));
        Assert.Equal((11, 1), (tokenizer.Count, tokenizer.Start));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void Text_BytesOfACharacter_ComesWithTheLastOfThem()
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, "words.json"));
        TokenText text = tokenizer.Text();
        string[] pieces = [.. tokenizer.Encode("x🚗y").Select(text.Add)];
        Assert.Equal("x🚗y", string.Concat(pieces));
        Assert.Contains("🚗", pieces);
        Assert.Contains("", pieces);
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
    }

    [Fact]
    public void Text_HalfACharacterAtTheEnd_IsReplaced()
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, "pieces.model"));
        Assert.Equal("\uFFFD\uFFFD", tokenizer.Decode([tokenizer.IdOf("<0xF0>")!.Value, tokenizer.IdOf("<0x9F>")!.Value]));
    }

    [Fact]
    public void Encode_WithoutMarks_LeavesThemText()
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, "words.json"));
        int end = tokenizer.IdOf("<|eot_id|>")!.Value;
        Assert.Contains(end, tokenizer.Encode("a<|eot_id|>"));
        Assert.DoesNotContain(end, tokenizer.Encode("a<|eot_id|>", marks: false));
        Assert.Equal("a<|eot_id|>", tokenizer.Decode(tokenizer.Encode("a<|eot_id|>", marks: false)));
        Assert.Equal(tokenizer.IdOf("<|begin_of_text|>"), tokenizer.Start);
    }

    [Fact]
    public void Encode_HalvesOfPairs_CountAsReplacements()
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, "pieces.model"));
        Assert.Equal(tokenizer.Encode("a\uFFFDb"), tokenizer.Encode("a\uD83Db"));
    }

    [Fact]
    public void Encode_LongText_TakesNoSquareOfItsLength()
    {
        LanguageTokenizer tokenizer = LanguageTokenizer.Load(Path.Combine(Golden, "pieces.model"));
        string text = string.Concat(Enumerable.Range(0, 30_000).Select(i => (char)('a' + (i * i % 23))));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Load_Folder_PrefersPieces()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Golden, "words.json"), folder["tokenizer.json"]);
        Assert.Null(LanguageTokenizer.Load(folder.Path).IdOf("<0x00>"));
        File.Copy(Path.Combine(Golden, "pieces.model"), folder["tokenizer.model"]);
        Assert.NotNull(LanguageTokenizer.Load(folder.Path).IdOf("<0x00>"));
    }

    public static TheoryData<string, byte[]> Damages => new()
    {
        { "no pieces", Model() },
        { "model that SentencePiece wrote", Encoding.UTF8.GetBytes("hello there") },
        { "unigram", Model(trainer: 1, normalizer: "", ("<unk>", 0, 2), ("a", 0, 1)) },
        { "a map of characters", Model(trainer: 2, normalizer: "map", ("<unk>", 0, 2), ("a", 0, 1)) },
        { "0 unknown pieces", Model(("a", 0, 1)) },
        { "a piece twice", Model(("<unk>", 0, 2), ("a", 0, 1), ("a", 0, 1)) },
        { "kind 9", Model(("<unk>", 0, 2), ("a", 0, 9)) },
        { "BPE", Json("""{"model": {"type": "Unigram", "vocab": {}, "merges": []}}""") },
        { "model.merges", Json("""{"model": {"vocab": {"a": 0}, "merges": ["a"]}}""") },
        { "the merge of 'a' and 'b'", Json("""{"model": {"vocab": {"a": 0, "b": 1}, "merges": ["a b"]}}""") },
        { "id 0 twice", Json("""{"model": {"vocab": {"a": 0, "b": 0}, "merges": []}}""") },
        { "normalizer.type", Json("""{"normalizer": {"type": "BertNormalizer"}, "model": {"vocab": {"a": 0}, "merges": []}}""") },
        { "a pattern that .NET knows",
            Json("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}, "model": {"vocab": {"a": 0}, "merges": []}}""") },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Load_OfWhatCannotBeUsed_SaysWhy(string told, byte[] file)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => Read(file));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains(told, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileCutAnywhere_IsNeverAnotherException()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Golden, "pieces.model"));
        for (int length = 1; length < whole.Length; length += 97)
        {
            Exception? e = Record.Exception(() => Read(whole[..length]));
            Assert.True(e is null or CloudsException, $"{length}: {e}");
        }
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(JsonNode.Parse(text)!.ToJsonString());

    private static LanguageTokenizer Read(byte[] file)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["tokenizer"], file);
        return LanguageTokenizer.Load(folder["tokenizer"]);
    }

    private static byte[] Model(params (string Text, float Score, int Kind)[] pieces) => Model(trainer: 2, normalizer: "", pieces);

    // ModelProto: 1 pieces (1 text, 2 score, 3 kind), 2 trainer (3 model kind), 3 normalizer (2 map, 4 whether extra spaces are removed).
    private static byte[] Model(int trainer, string normalizer, params (string Text, float Score, int Kind)[] pieces)
    {
        byte[] Message(Action<CodedOutputStream> write)
        {
            using MemoryStream stream = new();
            using (CodedOutputStream output = new(stream, leaveOpen: true))
            {
                write(output);
            }

            return stream.ToArray();
        }

        void Put(CodedOutputStream output, int field, byte[] message)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(message));
        }

        void Number(CodedOutputStream output, int field, int value)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt32(value);
        }

        return Message(output =>
        {
            foreach ((string text, float score, int kind) in pieces)
            {
                Put(output, 1, Message(piece =>
                {
                    Put(piece, 1, Encoding.UTF8.GetBytes(text));
                    piece.WriteTag(2, WireFormat.WireType.Fixed32);
                    piece.WriteFloat(score);
                    Number(piece, 3, kind);
                }));
            }

            Put(output, 2, Message(message => Number(message, 3, trainer)));
            Put(output, 3, Message(message =>
            {
                Put(message, 2, Encoding.UTF8.GetBytes(normalizer));
                Number(message, 4, 0);
            }));
        });
    }
}
