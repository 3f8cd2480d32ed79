using System.Runtime.Intrinsics;

namespace Clouds.Native.Images;

/// <summary>Ids between 8-bit and 16-bit storage.</summary>
internal static class WideIds
{
    /// <summary>Copies bytes into the first elements of a wider span.</summary>
    public static void Widen(ReadOnlySpan<byte> bytes, Span<ushort> ids)
    {
        bytes = bytes[..ids.Length];
        int i = 0;
        for (; i <= ids.Length - 32; i += 32)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(bytes[i..]));
            low.CopyTo(ids[i..]);
            high.CopyTo(ids[(i + 16)..]);
        }

        for (; i < ids.Length; i++)
        {
            ids[i] = bytes[i];
        }
    }

    /// <summary>Cuts ids to their low byte; the largest id tells whether anything was lost.</summary>
    /// <returns>The bitwise union of all ids: above 255 where one did not fit.</returns>
    public static int Narrow(ReadOnlySpan<ushort> ids, Span<byte> bytes)
    {
        bytes = bytes[..ids.Length];
        int i = 0;
        Vector256<ushort> union = default;
        for (; i <= ids.Length - 32; i += 32)
        {
            Vector256<ushort> low = Vector256.Create(ids[i..]);
            Vector256<ushort> high = Vector256.Create(ids[(i + 16)..]);
            union |= low | high;
            Vector256.Narrow(low, high).CopyTo(bytes[i..]);
        }

        int any = 0;
        for (int lane = 0; lane < Vector256<ushort>.Count; lane++)
        {
            any |= union[lane];
        }

        for (; i < ids.Length; i++)
        {
            any |= ids[i];
            bytes[i] = (byte)ids[i];
        }

        return any;
    }
}
