using Microsoft.ML.Tokenizers;

namespace Clouds.Native.Tokenizers;

/// <summary>A text as CLIP's text tower takes it.</summary>
/// <param name="ids">Ids of the whole context.</param>
/// <param name="truncated">Whether the text was longer.</param>
public sealed class TokenRow(long[] ids, bool truncated)
{
    /// <summary>Start, the text's ids, end, zeros: as many as the tower's context.</summary>
    public long[] Ids => ids;

    /// <summary>Whether the text was longer, and its end left out.</summary>
    public bool Truncated => truncated;
}

/// <summary>
/// CLIP's byte-pair tokenizer, with the reference's cleaning: character references of HTML replaced twice, white space collapsed, lower case. What the
/// reference leaves to ftfy (mended encodings, straight quotes, full-width forms) is not done. Any number of threads may use it.
/// </summary>
/// <example>
/// <code>
/// TokenRow row = ClipTokenizer.Default.Row("a photo of a road.");
/// </code>
/// </example>
public sealed class ClipTokenizer
{
    /// <summary>Tokens that CLIP's text towers take, start and end included.</summary>
    public const int Context = 77;

    private static readonly Lazy<ClipTokenizer> Shared = new(() => new ClipTokenizer(VocabularyFile.BuiltIn()));

    private readonly BpeTokenizer _model;
    private readonly ClipVocabulary _vocabulary;
    private readonly Dictionary<int, string> _tokens;

    private ClipTokenizer(ClipVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _tokens = vocabulary.Ids.ToDictionary(token => token.Value, token => token.Key);
        (Start, End) = (vocabulary.Ids[ClipWords.Start], vocabulary.Ids[ClipWords.End]);
        _model = BpeTokenizer.Create(new BpeOptions(vocabulary.Ids)
        {
            Merges = vocabulary.Merges.Select(merge => $"{merge.First} {merge.Second}"),
            ByteLevel = true,
            EndOfWordSuffix = ClipVocabulary.WordEnd,
            PreTokenizer = new ClipWords(),
            SpecialTokens = new Dictionary<string, int> { [ClipWords.Start] = Start, [ClipWords.End] = End },
        });
    }

    /// <summary>The vocabulary that OpenAI published and every CLIP of the paper uses: 49,408 tokens.</summary>
    public static ClipTokenizer Default => Shared.Value;

    /// <summary>Number of tokens.</summary>
    public int Count => _tokens.Count;

    /// <summary>Id of the token before a text.</summary>
    public int Start { get; }

    /// <summary>Id of the token behind a text.</summary>
    public int End { get; }

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="path">
    /// OpenAI's bpe_simple_vocab_16e6.txt.gz, packed or not; a tokenizer.json; a vocab.json with its merges.txt beside it; or a folder with one of them.
    /// </param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: missing, truncated or damaged.</exception>
    public static ClipTokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ClipTokenizer(VocabularyFile.Read(path));
    }

    /// <summary>Learns a vocabulary from texts: a token for every byte, and the pairs of tokens that the texts have most often.</summary>
    /// <param name="texts">Texts, cleaned as those that are encoded later.</param>
    /// <param name="most">Most tokens, at least 515: 512 for bytes, start and end, and a merge. Fewer where no pair occurs twice any more.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: no two letters stand beside each other twice.</exception>
    public static ClipTokenizer Learn(IEnumerable<string> texts, int most)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, ClipVocabulary.FixedTokens + 1);
        return new ClipTokenizer(ClipVocabulary.Learn(texts, most));
    }

    /// <summary>Writes the vocabulary as vocab.json and merges.txt, as <see cref="Load"/> reads them.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: a file cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        VocabularyFile.Write(_vocabulary, folder);
    }

    /// <summary>The ids of a text, without start and end.</summary>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _model.EncodeToIds(TextCleaning.Of(text));
    }

    /// <summary>A text as the text tower takes it; one that is too long keeps its beginning.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="context">Tokens, start and end included; at least 2.</param>
    public TokenRow Row(string text, int context = Context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 2);
        IReadOnlyList<int> ids = Encode(text);
        int kept = Math.Min(ids.Count, context - 2);
        long[] row = new long[context];
        row[0] = Start;
        for (int i = 0; i < kept; i++)
        {
            row[i + 1] = ids[i];
        }

        row[kept + 1] = End;
        return new TokenRow(row, ids.Count > kept);
    }

    /// <summary>The cleaned text that ids stand for, a space behind every word; ids of no token are left out.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        string symbols = string.Concat(ids.Select(id => _tokens.GetValueOrDefault(id, "")));
        return ByteSymbols.Text(symbols).Replace(ClipVocabulary.WordEnd, " ", StringComparison.Ordinal);
    }
}
