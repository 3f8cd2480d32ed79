using System.Buffers.Binary;
using System.Text;

namespace Clouds.Tests.Published;

/// <summary>Reads what a 64-bit shared library exports (ELF, sections .dynsym and .dynstr).</summary>
internal static class DynamicSymbols
{
    private const uint SectionOfDynamicSymbols = 11;
    private const int SymbolBytes = 24;

    /// <summary>Names of the functions and objects that the library defines.</summary>
    public static IReadOnlyList<string> DefinedIn(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1], file[..6]);
        int sections = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(40));
        int sectionBytes = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(58));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(60));
        int[] headers = [.. Enumerable.Range(0, count).Select(i => sections + (i * sectionBytes))];
        int symbols = headers.Single(header => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(header + 4)) == SectionOfDynamicSymbols);
        int names = Offset(file, headers[BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(symbols + 40))]);
        int bytes = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(symbols + 32));
        return [.. Enumerable.Range(0, bytes / SymbolBytes).Select(i => Offset(file, symbols) + (i * SymbolBytes))
            .Where(symbol => IsDefined(file, symbol)).Select(symbol => Name(file, names, symbol))];
    }

    private static int Offset(byte[] file, int header) => (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(header + 24));

    // Section 0 stands for symbols that the library wants from others.
    private static bool IsDefined(byte[] file, int symbol) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(symbol + 6)) != 0;

    private static string Name(byte[] file, int names, int symbol)
    {
        ReadOnlySpan<byte> text = file.AsSpan(names + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(symbol)));
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }
}
