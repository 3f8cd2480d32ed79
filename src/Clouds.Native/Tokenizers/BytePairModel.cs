using System.Globalization;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// The byte-pair model of a tokenizer.json. Microsoft.ML.Tokenizers has one too; it knows no words that are taken whole (Llama 3's "ignore_merges") and no
/// steps but its own.
/// </summary>
internal sealed class BytePairModel : ITokenModel, IMergeRule
{
    private const char Space = '\u2581';

    private readonly BytePairFile _file;
    private readonly Dictionary<(int, int), (int Rank, int Id)> _merges = [];
    private readonly Dictionary<int, string> _tokens = [];
    private readonly Dictionary<int, MarkToken> _marks;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly MarkedText _marked;
    private readonly int[]? _bytes;
    private readonly bool _byteLevel;

    public BytePairModel(BytePairFile file, string name)
    {
        _file = file;
        _ids = file.Ids.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((string token, int id) in file.Ids)
        {
            Require(_tokens.TryAdd(id, token), name, $"id {id} twice", "an id of its own for each token");
        }

        foreach ((string first, string second) in file.Merges)
        {
            bool known = file.Ids.TryGetValue(first, out int left) & file.Ids.TryGetValue(second, out int right);
            known &= file.Ids.TryGetValue(first + second, out int both);
            Require(known, name, $"the merge of '{first}' and '{second}'", "merges of two tokens to a third");
            _merges.TryAdd((left, right), (_merges.Count, both));
        }

        Require(file.Unknown.Length == 0 || file.Ids.ContainsKey(file.Unknown), name, $"no token '{file.Unknown}'", "the unknown token among the others");
        _marks = file.Marks.DistinctBy(mark => mark.Id).ToDictionary(mark => mark.Id);
        _marked = new MarkedText(file.Marks);
        _bytes = file.ByteFallback ? BytesOf(file) : null;
        _byteLevel = file.Steps.Contains("ByteLevel");
        Count = Math.Max(_tokens.Keys.Append(-1).Max(), _marks.Keys.Append(-1).Max()) + 1;
    }

    public int Count { get; }

    public int? Start => _file.Start is string start ? IdOf(start) : null;

    public bool DropsFirstSpace => !_byteLevel && (_file.Steps.Contains("Prepend") || _file.Steps.Contains("Metaspace"));

    public bool ReplacesEachByte => !_byteLevel;

    public int? IdOf(string token) =>
        _file.Marks.FirstOrDefault(mark => mark.Text == token)?.Id ?? (_file.Ids.TryGetValue(token, out int id) ? id : null);

    public IReadOnlyList<int> Encode(string text, bool marks)
    {
        List<int> ids = [];
        // Halves of surrogate pairs become signs of replacement, as on their way through UTF-8.
        string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        bool first = true;
        foreach ((MarkToken? mark, string piece) in _marked.Cut(whole, marks))
        {
            if (mark is not null)
            {
                ids.Add(mark.Id);
            }
            else
            {
                Add(ids, piece, first);
            }

            first = false;
        }

        return ids;
    }

    public byte[] Bytes(int id)
    {
        if (_marks.TryGetValue(id, out MarkToken? mark))
        {
            return mark.Special ? [] : Encoding.UTF8.GetBytes(mark.Text);
        }

        string token = _tokens.GetValueOrDefault(id, "");
        return _byteLevel ? ByteSymbols.Bytes(token)
            : _bytes is not null && Array.IndexOf(_bytes, id) is >= 0 and int value ? [(byte)value]
            : Encoding.UTF8.GetBytes(_file.Suffix.Length > 0 ? token.Replace(_file.Suffix, " ", StringComparison.Ordinal) : token.Replace(Space, ' '));
    }

    public bool Find(ReadOnlySpan<char> text, Symbol left, Symbol right, out double cost, out int id)
    {
        bool found = _merges.TryGetValue((left.Id, right.Id), out (int Rank, int Id) merge);
        (cost, id) = (merge.Rank, merge.Id);
        return found;
    }

    private void Add(List<int> ids, string piece, bool first)
    {
        foreach (string word in _file.Normalizer(piece, first).SelectMany(normal => _file.Words(normal, first)).Where(word => word.Length > 0))
        {
            if (_file.IgnoresMerges && _file.Ids.TryGetValue(word, out int id))
            {
                ids.Add(id);
            }
            else
            {
                ids.AddRange(SymbolMerges.Apply(word, Characters(word), this).Select(symbol => symbol.Id));
            }
        }
    }

    private List<Symbol> Characters(string word)
    {
        List<Symbol> symbols = [];
        for (int at = 0; at < word.Length;)
        {
            int length = char.IsHighSurrogate(word[at]) ? 2 : 1;
            ReadOnlySpan<char> character = word.AsSpan(at, length);
            string? last = at + length == word.Length && _file.Suffix.Length > 0 ? character.ToString() + _file.Suffix : null;
            if (last is null ? _ids.TryGetValue(character, out int id) : _file.Ids.TryGetValue(last, out id))
            {
                symbols.Add(new Symbol(at, length, id));
            }
            else
            {
                AddUnknown(symbols, at, character);
            }

            at += length;
        }

        return symbols;
    }

    private void AddUnknown(List<Symbol> symbols, int at, ReadOnlySpan<char> character)
    {
        if (_bytes is not null)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (byte value in bytes[..Encoding.UTF8.GetBytes(character, bytes)])
            {
                symbols.Add(new Symbol(at, character.Length, _bytes[value]));
            }
        }
        else if (_file.Unknown.Length > 0)
        {
            int unknown = _file.Ids[_file.Unknown];
            if (!_file.FusesUnknown || symbols.Count == 0 || symbols[^1].Id != unknown)
            {
                symbols.Add(new Symbol(at, character.Length, unknown));
            }
        }
    }

    private static int[]? BytesOf(BytePairFile file)
    {
        string Name(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
        int[] ids = [.. Enumerable.Range(0, 256).Select(value => file.Ids.GetValueOrDefault(Name(value), -1))];
        return ids.Contains(-1) ? null : ids;
    }

    private static void Require(bool condition, string name, string found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(
                Failure.BadInput, "the tokenizer cannot be used", name, found, expected, "fetch the tokenizer.json of this language model again");
        }
    }
}
