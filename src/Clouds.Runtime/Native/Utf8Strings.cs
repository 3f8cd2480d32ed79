using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>Owns null-terminated UTF-8 copies of strings and the array of their addresses that C functions take.</summary>
internal sealed unsafe class Utf8Strings : IDisposable
{
    private readonly int _count;

    /// <summary>Copies the strings.</summary>
    public Utf8Strings(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        _count = all.Length;
        Pointer = (nint*)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(nint));
        for (int i = 0; i < _count; i++)
        {
            Pointer[i] = Marshal.StringToCoTaskMemUTF8(all[i]);
        }
    }

    /// <summary>Addresses in order.</summary>
    public nint* Pointer { get; }

    /// <summary>Address of one string.</summary>
    public nint this[int index] => Pointer[index];

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem(Pointer[i]);
        }

        NativeMemory.Free(Pointer);
    }
}
