using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Compares 64 pixels at a time; bit i of a word belongs to pixel i.</summary>
internal unsafe interface IRowWords
{
    /// <summary>Where 64 pixels equal 64 others.</summary>
    static abstract ulong Equal(byte* pixels, byte* others);

    /// <summary>Where 64 pixels have a value.</summary>
    static abstract ulong Equal(byte* pixels, byte value);
}

/// <summary>No vectors.</summary>
internal readonly unsafe struct PlainWords : IRowWords
{
    public static ulong Equal(byte* pixels, byte* others)
    {
        ulong bits = 0;
        for (int i = 0; i < 64; i++)
        {
            bits |= (pixels[i] == others[i] ? 1UL : 0) << i;
        }

        return bits;
    }

    public static ulong Equal(byte* pixels, byte value)
    {
        ulong bits = 0;
        for (int i = 0; i < 64; i++)
        {
            bits |= (pixels[i] == value ? 1UL : 0) << i;
        }

        return bits;
    }
}

/// <summary>Two vectors of 32 bytes.</summary>
internal readonly unsafe struct Words256 : IRowWords
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Equal(byte* pixels, byte* others)
        => Vector256.Equals(Vector256.Load(pixels), Vector256.Load(others)).ExtractMostSignificantBits()
        | ((ulong)Vector256.Equals(Vector256.Load(pixels + 32), Vector256.Load(others + 32)).ExtractMostSignificantBits() << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Equal(byte* pixels, byte value)
        => Vector256.Equals(Vector256.Load(pixels), Vector256.Create(value)).ExtractMostSignificantBits()
        | ((ulong)Vector256.Equals(Vector256.Load(pixels + 32), Vector256.Create(value)).ExtractMostSignificantBits() << 32);
}

/// <summary>One vector of 64 bytes.</summary>
internal readonly unsafe struct Words512 : IRowWords
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Equal(byte* pixels, byte* others) => Vector512.Equals(Vector512.Load(pixels), Vector512.Load(others)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Equal(byte* pixels, byte value) => Vector512.Equals(Vector512.Load(pixels), Vector512.Create(value)).ExtractMostSignificantBits();
}
