using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>Which classes form components, as the shorter of two lists: those that do, or those that do not.</summary>
internal readonly unsafe struct KeptClasses
{
    private readonly byte* _kept;
    private readonly byte* _listed;
    private readonly int _count;
    private readonly ulong _flip;

    /// <summary>Lists the classes.</summary>
    /// <param name="memory">512 bytes that stay where they are: for each class 1 or 0, then room for the list.</param>
    public KeptClasses(byte* memory)
    {
        _kept = memory;
        _listed = memory + 256;
        int kept = 0;
        for (int c = 0; c < 256; c++)
        {
            kept += memory[c];
        }

        byte listed = (byte)(kept < 128 ? 1 : 0);
        for (int c = 0; c < 256; c++)
        {
            if (memory[c] == listed)
            {
                _listed[_count++] = (byte)c;
            }
        }

        _flip = listed == 1 ? 0 : ulong.MaxValue;
    }

    /// <summary>Whether a class forms components.</summary>
    public bool Keeps(byte c) => _kept[c] != 0;

    /// <summary>The bits of 64 pixels whose class forms components.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Kept<TWords>(byte* pixels)
        where TWords : IRowWords
    {
        ulong bits = 0;
        for (int i = 0; i < _count; i++)
        {
            bits |= TWords.Equal(pixels, _listed[i]);
        }

        return bits ^ _flip;
    }
}
