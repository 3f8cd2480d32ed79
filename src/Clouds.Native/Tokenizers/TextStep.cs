using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// The normalizers and pre-tokenizers of a tokenizer.json: what happens to a text before pairs are merged. A normalizer changes a piece, a pre-tokenizer
/// cuts it in several.
/// </summary>
internal static class TextStep
{
    private const string ByWords = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const int Seconds = 10;

    /// <summary>One step, or several in their order.</summary>
    /// <param name="piece">A piece of a text.</param>
    /// <param name="first">Whether the piece is the beginning of the text.</param>
    public delegate IEnumerable<string> Cut(string piece, bool first);

    /// <summary>Reads a step.</summary>
    /// <param name="step">The file's "normalizer" or "pre_tokenizer"; null where it has none.</param>
    /// <exception cref="CloudsException">BadInput: a step that is not known here.</exception>
    public static Cut Read(StrictJson? step)
    {
        if (step is null || step.Kind == JsonValueKind.Null)
        {
            return (piece, _) => [piece];
        }

        string type = step.Get("type").Text();
        return type switch
        {
            "Sequence" => Sequence([.. (step.Find("normalizers") ?? step.Get("pretokenizers")).Items().Select(Read)]),
            "Prepend" => Prepend(step.Get("prepend").TextOrEmpty()),
            "Replace" => Replace(step),
            "ByteLevel" => ByteLevel(step),
            "Metaspace" => Metaspace(step),
            "Split" => Split(step),
            "Digits" => ByPattern(new Regex(Flag(step, "individual_digits", false) ? @"\p{N}" : @"\p{N}+", RegexOptions.CultureInvariant), removed: false),
            // Unicode's normal forms are not there in programs without ICU, as clouds is one.
            _ => throw step.Get("type").Wrong("Sequence, Prepend, Replace, ByteLevel, Metaspace, Split or Digits"),
        };
    }

    private static Cut Sequence(Cut[] steps) => (text, first) =>
    {
        List<(string Piece, bool First)> pieces = [(text, first)];
        foreach (Cut step in steps)
        {
            pieces = [.. pieces.SelectMany(piece => step(piece.Piece, piece.First).Select((part, i) => (part, piece.First && i == 0)))];
        }

        return pieces.Select(piece => piece.Piece);
    };

    private static Cut Prepend(string prefix) => (piece, _) => [piece.Length > 0 ? prefix + piece : piece];

    private static Cut Replace(StrictJson step)
    {
        string content = step.Get("content").TextOrEmpty();
        Regex pattern = Pattern(step.Get("pattern"));
        return (piece, _) => [pattern.Replace(piece, _ => content)];
    }

    // The bytes of each piece become printable characters.
    private static Cut ByteLevel(StrictJson step)
    {
        bool space = Flag(step, "add_prefix_space", true);
        Cut words = Flag(step, "use_regex", true) ? ByPattern(Compiled(ByWords), removed: false) : (piece, _) => [piece];
        return (piece, first) => words(space && !piece.StartsWith(' ') ? " " + piece : piece, first).Select(ByteSymbols.Of);
    }

    private static Cut Metaspace(StrictJson step)
    {
        string sign = step.Get("replacement").Text();
        string prepend = step.Find("prepend_scheme")?.OneOf("always", "first", "never") ?? (Flag(step, "add_prefix_space", true) ? "always" : "never");
        bool split = Flag(step, "split", true);
        return (piece, first) =>
        {
            string signs = piece.Replace(" ", sign, StringComparison.Ordinal);
            bool wanted = prepend == "always" || (prepend == "first" && first);
            signs = wanted && !signs.StartsWith(sign, StringComparison.Ordinal) ? sign + signs : signs;
            return split ? Regex.Split(signs, $"(?<!^)(?={Regex.Escape(sign)})", RegexOptions.CultureInvariant) : [signs];
        };
    }

    private static Cut Split(StrictJson step)
    {
        bool removed = step.Get("behavior").OneOf("Isolated", "Removed") == "Removed";
        if (Flag(step, "invert", false))
        {
            throw step.Get("invert").Wrong("false");
        }

        return ByPattern(Pattern(step.Get("pattern")), removed);
    }

    // What matches is a piece, and what stands between matches is one.
    private static Cut ByPattern(Regex pattern, bool removed) => (text, _) =>
    {
        (string standing, int[] places) = AstralStandIns.Of(text);
        List<string> pieces = [];
        int from = 0;
        foreach (Match match in pattern.Matches(standing).Where(match => match.Length > 0))
        {
            Take(from, match.Index);
            from = match.Index + match.Length;
            if (!removed)
            {
                Take(match.Index, from);
            }
        }

        Take(from, standing.Length);
        return pieces;

        void Take(int start, int end)
        {
            if (end > start)
            {
                pieces.Add(text[places[start]..places[end]]);
            }
        }
    };

    private static Regex Pattern(StrictJson pattern)
    {
        string? text = pattern.Find("String")?.TextOrEmpty();
        try
        {
            return Compiled(text is not null ? Regex.Escape(text) : pattern.Get("Regex").Text());
        }
        catch (RegexParseException e)
        {
            throw pattern.Wrong($"a pattern that .NET knows ({e.Message})");
        }
    }

    // A limit on time: the pattern is the file's.
    private static Regex Compiled(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(Seconds));

    private static bool Flag(StrictJson step, string key, bool otherwise) => step.Find(key) switch
    {
        null => otherwise,
        { Kind: JsonValueKind.True } => true,
        { Kind: JsonValueKind.False } => false,
        StrictJson other => throw other.Wrong("true or false"),
    };
}
