using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>The tokenizer beyond its golden case: files in every form, whole and damaged; rows of a fixed length.</summary>
[Kind(TestKind.Fast)]
public sealed class ClipTokenizerTests
{
    private const int Road = 514, A = 64, Start = 517, End = 518;

    [Theory]
    [InlineData("text")]
    [InlineData("packed")]
    [InlineData("pair")]
    [InlineData("folder")]
    [InlineData("pairs of tokens")]
    public void Load_EveryForm_GivesTheSameIds(string form)
    {
        using TemporaryFolder folder = new();
        ClipTokenizer tokenizer = ClipTokenizer.Load(SmallVocabulary.Write(form, folder));
        Assert.Equal((519, Start, End), (tokenizer.Count, tokenizer.Start, tokenizer.End));
        Assert.Equal([A + 256, Road, 516, A + 256 + 4], tokenizer.Encode("A  Road THe"));
        Assert.Equal("a road ", tokenizer.Decode(tokenizer.Encode(" a ROAD")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Save_AnyVocabulary_LoadsWithTheSameIds(bool builtIn)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["merges"], SmallVocabulary.MergeText);
        ClipTokenizer tokenizer = builtIn ? ClipTokenizer.Default : ClipTokenizer.Load(folder["merges"]);
        Directory.CreateDirectory(folder["saved"]);
        tokenizer.Save(folder["saved"]);
        ClipTokenizer loaded = ClipTokenizer.Load(folder["saved"]);
        Assert.Equal((tokenizer.Count, tokenizer.Start, tokenizer.End), (loaded.Count, loaded.Start, loaded.End));
        Assert.Equal(tokenizer.Encode("a photo of a road, \"übel\" & wet\u00a0"), loaded.Encode("a photo of a road, \"übel\" & wet\u00a0"));
        Assert.Equal(["merges.txt", "vocab.json"], Directory.GetFiles(folder["saved"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Row_ShortText_IsFilledWithZeros()
    {
        using TemporaryFolder folder = new();
        TokenRow row = ClipTokenizer.Load(SmallVocabulary.Write("text", folder)).Row("road", 5);
        Assert.Equal([Start, Road, End, 0, 0], row.Ids);
        Assert.False(row.Truncated);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void Row_LongText_KeepsItsBeginningAndSaysSo(int words, bool truncated)
    {
        using TemporaryFolder folder = new();
        TokenRow row = ClipTokenizer.Load(SmallVocabulary.Write("text", folder)).Row(string.Join(' ', Enumerable.Repeat("road", words)), 5);
        Assert.Equal([Start, Road, Road, Road, End], row.Ids);
        Assert.Equal(truncated, row.Truncated);
    }

    [Fact]
    public void Encode_CharactersOfSeveralBytesAndHalves_ComeBack()
    {
        ClipTokenizer tokenizer = ClipTokenizer.Default;
        Assert.Equal("日本 🚗 x", tokenizer.Decode(tokenizer.Encode("日本 🚗 X")).TrimEnd());
        Assert.Equal("\uFFFD ", tokenizer.Decode(tokenizer.Encode("\uD83D")));
        Assert.Equal([tokenizer.Start, tokenizer.End], tokenizer.Encode("<|StartOfText|><|endoftext|>"));
        Assert.Empty(tokenizer.Encode(" \n"));
        Assert.Equal("", tokenizer.Decode([-1, 60000]));
    }

    public static TheoryData<string> Damages =>
        ["empty", "nothing", "words", "half a merge", "unknown merge", "double merge", "binary", "cut", "flipped", "other length", "bomb",
         "no pair", "bare list", "other type", "other suffix", "no byte", "no end", "double id", "wide id", "merge of three", "deep"];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Load_DamagedFile_IsRefusedInOneSentence(string damage)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["vocabulary"], Damaged(damage));
        CloudsException e = Assert.Throws<CloudsException>(() => ClipTokenizer.Load(folder["vocabulary"]));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains(damage == "no pair" ? "merges.txt" : "vocabulary", e.Where);
    }

    [Fact]
    public void Load_FolderWithoutVocabulary_SaysWhatItLookedFor()
    {
        using TemporaryFolder folder = new();
        CloudsException e = Assert.Throws<CloudsException>(() => ClipTokenizer.Load(folder.Path));
        Assert.Contains("tokenizer.json", e.Message);
    }

    [Fact]
    public void Load_PackedFileCutAnywhere_IsRefused()
    {
        using TemporaryFolder folder = new();
        byte[] packed = SmallVocabulary.Packed(SmallVocabulary.MergeText);
        for (int length = 1; length < packed.Length; length++)
        {
            File.WriteAllBytes(folder["cut"], packed[..length]);
            Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => ClipTokenizer.Load(folder["cut"])).Failure);
        }
    }

    private static byte[] Damaged(string damage)
    {
        byte[] packed = SmallVocabulary.Packed(SmallVocabulary.MergeText);
        switch (damage)
        {
            case "cut":
                return packed[..^9];
            case "flipped":
                packed[^6] ^= 1;
                return packed;
            case "other length":
                packed[^1] ^= 1;
                return packed;
            case "bomb":
                return SmallVocabulary.Packed(new string('a', 65 << 20));
            case "binary":
                return [.. Enumerable.Range(0, 400).Select(i => (byte)(i * 37))];
            default:
                return Encoding.UTF8.GetBytes(DamagedText(damage));
        }
    }

    private static string DamagedText(string damage) => damage switch
    {
        "empty" => "",
        "nothing" => "#version: 0.2\n",
        "words" => "#version: 0.2\nr o a\n",
        "half a merge" => SmallVocabulary.MergeText + "r",
        "unknown merge" => SmallVocabulary.MergeText + "qu x\n",
        "double merge" => SmallVocabulary.MergeText + "r o\n",
        "no pair" => JsonSerializer.Serialize(SmallVocabulary.Ids),
        "bare list" => "[1, 2]",
        "other type" => SmallVocabulary.TokenizerJson(new[] { "r o" }, type: "WordPiece"),
        "other suffix" => SmallVocabulary.TokenizerJson(new[] { "r o" }, suffix: "@@"),
        "no byte" => SmallVocabulary.TokenizerJson(new[] { "r o" }, ids: Without("x")),
        "no end" => SmallVocabulary.TokenizerJson(new[] { "r o" }, ids: Without(ClipWords.End)),
        "double id" => SmallVocabulary.TokenizerJson(new[] { "r o" }, ids: With("x", 3)),
        "wide id" => SmallVocabulary.TokenizerJson(new[] { "r o" }, ids: With("x", int.MaxValue)),
        "merge of three" => SmallVocabulary.TokenizerJson(new[] { new[] { "r", "o", "a" } }),
        _ => "{\"model\":" + new string('[', 100_000),
    };

    private static Dictionary<string, int> Without(string token) => SmallVocabulary.Ids.Where(pair => pair.Key != token).ToDictionary();

    private static Dictionary<string, int> With(string token, int id) => new(SmallVocabulary.Ids) { [token] = id };
}
