using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>
/// The printable characters that stand for bytes in a byte-level vocabulary (GPT-2's bytes_to_unicode): printable bytes for themselves, the others from
/// U+0100 on, in this order.
/// </summary>
internal static class ByteSymbols
{
    private static readonly byte[] Order =
    [
        .. Range('!', '~'), .. Range('\u00A1', '\u00AC'), .. Range('\u00AE', '\u00FF'),
        .. Range('\0', '\u00FF').Where(value => !IsPrintable((char)value)),
    ];

    private static readonly char[] Symbols = [.. Enumerable.Range(0, 256).Select(value => Of((byte)value))];

    private static readonly Dictionary<char, byte> BySymbol = Order.ToDictionary(Of);

    /// <summary>The 256 characters in the order of the vocabulary.</summary>
    public static IEnumerable<char> All => Order.Select(Of);

    /// <summary>The text that a row of symbols stands for; bytes that are no UTF-8 become U+FFFD. Characters that are no symbols are left out.</summary>
    public static string Text(string symbols) => Encoding.UTF8.GetString(Bytes(symbols));

    /// <summary>The bytes that a row of symbols stands for. Characters that are no symbols are left out.</summary>
    public static byte[] Bytes(string symbols) => [.. symbols.Where(BySymbol.ContainsKey).Select(symbol => BySymbol[symbol])];

    /// <summary>The symbols of a text's bytes.</summary>
    public static string Of(string text) => string.Create(Encoding.UTF8.GetByteCount(text), text, (symbols, source) =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(source);
        for (int i = 0; i < bytes.Length; i++)
        {
            symbols[i] = Symbols[bytes[i]];
        }
    });

    private static char Of(byte value) => IsPrintable((char)value) ? (char)value : (char)(0x100 + Rank(value));

    // How many bytes that are not printable stand before this one.
    private static int Rank(byte value) => Enumerable.Range(0, value).Count(other => !IsPrintable((char)other));

    private static bool IsPrintable(char value) => value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');

    private static IEnumerable<byte> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(value => (byte)value);
}
