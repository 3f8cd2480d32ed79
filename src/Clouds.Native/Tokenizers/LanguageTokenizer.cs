using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// A language model's tokenizer, with the ids that the programs give which the model was trained with: SentencePiece's byte-pair models (tokenizer.model) and
/// Hugging Face's (tokenizer.json). Any number of threads may use it.
/// </summary>
public sealed class LanguageTokenizer
{
    internal const string Pieces = "tokenizer.model";
    internal const string Json = "tokenizer.json";
    private const int MostBytes = 256 << 20;

    private readonly ITokenModel _model;

    private LanguageTokenizer(ITokenModel model) => _model = model;

    /// <summary>Ids are below it.</summary>
    public int Count => _model.Count;

    /// <summary>Id of the token that stands in front of texts; null where the file tells of none.</summary>
    public int? Start => _model.Start;

    /// <summary>Reads a tokenizer; what its file is is told by its content.</summary>
    /// <param name="path">A tokenizer.model, a tokenizer.json, or a folder with one of them; with both, the first is read.</param>
    /// <exception cref="CloudsException">BadInput: missing, damaged, or of a kind that is not known here.</exception>
    public static LanguageTokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = CarriedWeights.PathOf(path);
        string? file = Directory.Exists(path) ? new[] { Pieces, Json }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) : path;
        return file is not null ? Read(WholeFile.Read(file, MostBytes), file) : throw new CloudsException(
            Failure.BadInput, "the folder holds no tokenizer", path, "neither", $"{Pieces} or {Json}", "fetch it from where the language model is from");
    }

    /// <summary>
    /// Learns a tokenizer of Llama 3's form from texts: a token for every byte, the pairs of tokens that the texts have most often, the marks of texts and
    /// talks.
    /// </summary>
    /// <param name="folder">A folder that is there; it gets tokenizer.json and tokenizer_config.json, the format of talks in it.</param>
    /// <param name="texts">Texts.</param>
    /// <param name="most">Most tokens, at least 262: bytes, five marks and a pair. Fewer where no pair occurs twice any more.</param>
    /// <exception cref="CloudsException">BadInput: no two letters stand beside each other twice; Output: a file cannot be written.</exception>
    public static LanguageTokenizer Learn(string folder, IEnumerable<string> texts, int most)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(most, LearnedTokenizer.FixedTokens);
        LearnedTokenizer.Write(folder, texts, most);
        return Load(Path.Combine(folder, Json));
    }

    /// <summary>The ids of a text, without any in front of it or behind it.</summary>
    /// <param name="text">Any text; halves of surrogate pairs count as U+FFFD.</param>
    /// <param name="marks">
    /// Whether a part that spells a special token, as "&lt;|eot_id|&gt;", is that token, which only a tokenizer.json knows of. Off for words of strangers.
    /// </param>
    public IReadOnlyList<int> Encode(string text, bool marks = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _model.Encode(text, marks);
    }

    /// <summary>The text that ids stand for; special tokens stand for none, and bytes that are no UTF-8 for U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is none of this tokenizer's.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        TokenText text = Text();
        return string.Concat(ids.Select(text.Add)) + text.End();
    }

    /// <summary>Id of a token by its name; null where there is none.</summary>
    public int? IdOf(string token) => _model.IdOf(token);

    /// <summary>A text that ids are added to one by one.</summary>
    /// <param name="goesOn">Whether it goes on behind another, so that a space at its beginning stays.</param>
    internal TokenText Text(bool goesOn = false) => new(_model, goesOn);

    internal static LanguageTokenizer Read(byte[] bytes, string name) => new(
        bytes.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8)
            ? new BytePairModel(BytePairFile.Read(bytes, name), name)
            : new SentencePieceModel(SentencePieceFile.Read(bytes, name)));
}

/// <summary>Ids that become text one by one: a character of several ids comes with the last of them.</summary>
internal sealed class TokenText(ITokenModel model, bool goesOn)
{
    private const int LongestCharacter = 4;

    private readonly List<byte> _open = [];
    private bool _begun = goesOn || !model.DropsFirstSpace;

    /// <summary>The text that an id completes; perhaps empty.</summary>
    public string Add(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, model.Count);
        byte[] bytes = model.Bytes(id);
        _open.AddRange(!_begun && bytes is [(byte)' ', ..] ? bytes[1..] : bytes);
        _begun |= bytes.Length > 0;
        return Take(all: false);
    }

    /// <summary>What is left of a character that never became whole.</summary>
    public string End() => Take(all: true);

    private string Take(bool all)
    {
        StringBuilder text = new();
        int done = 0;
        ReadOnlySpan<byte> bytes = [.. _open];
        while (done < bytes.Length)
        {
            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(bytes[done..], out Rune rune, out int length);
            if (status == System.Buffers.OperationStatus.NeedMoreData && !all && bytes.Length - done < LongestCharacter)
            {
                break;
            }

            text.Append(rune.ToString());
            done += status == System.Buffers.OperationStatus.Done || !model.ReplacesEachByte ? length : 1;
        }

        _open.RemoveRange(0, done);
        return text.ToString();
    }
}
