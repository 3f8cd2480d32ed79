using System.Globalization;
using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// SentencePiece's byte-pair model (Kudo and Richardson 2018). Microsoft.ML.Tokenizers has one too, whose ids differ where merges of equal scores compete and
/// where pieces are user-defined.
/// </summary>
internal sealed class SentencePieceModel : ITokenModel, IMergeRule
{
    private const char Space = '\u2581';

    private readonly SentencePieceFile _file;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _pieces;
    private readonly ILookup<char, string> _whole;
    private readonly int[] _bytes = new int[256];
    private readonly int _unknown;

    public SentencePieceModel(SentencePieceFile file)
    {
        _file = file;
        Dictionary<string, int> pieces = new(StringComparer.Ordinal);
        for (int id = 0; id < file.Pieces.Count; id++)
        {
            Piece piece = file.Pieces[id];
            _ids.Add(piece.Text, id);
            if (piece.Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused)
            {
                pieces.Add(piece.Text, id);
            }
            else if (piece.Kind == PieceKind.Byte)
            {
                _bytes[ByteOf(piece.Text)] = id;
            }
        }

        _pieces = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknown = file.Pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown);
        // The longest that fits is taken.
        _whole = file.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text)
            .OrderByDescending(text => text.Length).ToLookup(text => text[0]);
    }

    public int Count => _file.Pieces.Count;

    public int? Start => _file.Start >= 0 ? _file.Start : null;

    public bool DropsFirstSpace => _file.DummyPrefix;

    public bool ReplacesEachByte => true;

    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    public IReadOnlyList<int> Encode(string text, bool marks)
    {
        string normal = Normal(text);
        List<int> ids = [];
        foreach (Symbol symbol in SymbolMerges.Apply(normal, Characters(normal), this))
        {
            Add(ids, normal.AsSpan(symbol.Start, symbol.Length), symbol.Id);
        }

        return ids;
    }

    public byte[] Bytes(int id) => _file.Pieces[id] switch
    {
        { Kind: PieceKind.Control } => [],
        { Kind: PieceKind.Unknown } => Encoding.UTF8.GetBytes(_file.UnknownText),
        { Kind: PieceKind.Byte } piece => [ByteOf(piece.Text)],
        Piece piece => Encoding.UTF8.GetBytes(piece.Text.Replace(Space, ' ')),
    };

    public bool Find(ReadOnlySpan<char> text, Symbol left, Symbol right, out double cost, out int id)
    {
        cost = 0;
        id = -1;
        if (IsWhole(left) || IsWhole(right) || !_pieces.TryGetValue(text.Slice(left.Start, left.Length + right.Length), out id))
        {
            return false;
        }

        cost = -_file.Pieces[id].Score;
        return true;
    }

    private bool IsWhole(Symbol symbol) => symbol.Id >= 0 && _file.Pieces[symbol.Id].Kind == PieceKind.UserDefined;

    // Halves of surrogate pairs become signs of replacement, as on their way through UTF-8.
    private string Normal(string text)
    {
        string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        whole = _file.RemovesExtraSpaces ? string.Join(' ', whole.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : whole;
        whole = _file.DummyPrefix && whole.Length > 0 ? " " + whole : whole;
        return _file.EscapesSpaces ? whole.Replace(' ', Space) : whole;
    }

    private List<Symbol> Characters(string text)
    {
        List<Symbol> symbols = [];
        for (int at = 0; at < text.Length;)
        {
            int length = _whole[text[at]].FirstOrDefault(piece => string.CompareOrdinal(text, at, piece, 0, piece.Length) == 0)?.Length
                ?? (char.IsHighSurrogate(text[at]) ? 2 : 1);
            int id = _pieces.TryGetValue(text.AsSpan(at, length), out int known) ? known : -1;
            symbols.Add(new Symbol(at, length, id));
            at += length;
        }

        return symbols;
    }

    private void Add(List<int> ids, ReadOnlySpan<char> piece, int id)
    {
        if (id >= 0)
        {
            ids.Add(id);
        }
        else if (_file.ByteFallback)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (byte value in bytes[..Encoding.UTF8.GetBytes(piece, bytes)])
            {
                ids.Add(_bytes[value]);
            }
        }
        else if (ids.Count == 0 || ids[^1] != _unknown)
        {
            ids.Add(_unknown);
        }
    }

    // "<0x0A>"
    private static byte ByteOf(string piece) =>
        piece is ['<', '0', 'x', _, _, '>'] && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : throw new Clouds.Diagnostics.CloudsException(Clouds.Diagnostics.Failure.BadInput, "the tokenizer cannot be used", null, $"a byte '{piece}'",
                "bytes from <0x00> to <0xFF>", "fetch the tokenizer.model of this language model again");
}
