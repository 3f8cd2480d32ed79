using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>Asks a terminal how wide it is; .NET's own answer is standard output's alone.</summary>
public static partial class TerminalSize
{
    private const nuint WindowSize = 0x5413;

    /// <summary>Columns and rows of the terminal that standard error goes to, as of now; null where it is none or does not say.</summary>
    public static (int Columns, int Rows)? OfStandardError()
    {
        Span<ushort> rowsAndColumns = stackalloc ushort[4];
        return Control(2, WindowSize, rowsAndColumns) == 0 && rowsAndColumns[1] > 0 ? (rowsAndColumns[1], rowsAndColumns[0]) : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, Span<ushort> size);
}
