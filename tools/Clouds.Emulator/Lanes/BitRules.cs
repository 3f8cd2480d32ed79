using System.Numerics;

namespace Clouds.Emulator.Lanes;

internal readonly struct PopulationCount<T> : IUnary<T, uint>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) => uint.CreateTruncating(T.PopCount(a));
}

internal readonly struct LeadingZeros<T> : IUnary<T, uint>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) => uint.CreateTruncating(T.LeadingZeroCount(a));
}

internal readonly struct ReverseBits<T> : IUnary<T, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a)
    {
        T result = T.Zero;
        for (int bit = 0; bit < 8 * a.GetByteCount(); bit++, a >>>= 1)
        {
            result = (result << 1) | (a & T.One);
        }

        return result;
    }
}

/// <summary>Position of the highest set bit (of the highest bit unlike the sign for signed types), or all ones.</summary>
internal readonly struct FindHighBit<T> : IUnary<T, uint>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a)
    {
        T value = T.IsNegative(a) ? ~a : a;
        return T.IsZero(value) ? uint.MaxValue : (uint)((8 * a.GetByteCount()) - 1) - uint.CreateTruncating(T.LeadingZeroCount(value));
    }
}

/// <summary>The same as a left shift that brings the bit to the top.</summary>
internal readonly struct FindHighBitShift<T> : IUnary<T, uint>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) => FindHighBit<T>.Apply(a) is uint at && at == uint.MaxValue ? at : (uint)((8 * a.GetByteCount()) - 1) - at;
}

internal readonly struct FunnelLeftWrap : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)(((((ulong)b << 32) | a) << (int)(c & 31)) >> 32);
}

internal readonly struct FunnelRightWrap : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)((((ulong)b << 32) | a) >> (int)(c & 31));
}

internal readonly struct FunnelLeftClamp : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)(((((ulong)b << 32) | a) << (int)Math.Min(c, 32)) >> 32);
}

internal readonly struct FunnelRightClamp : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => (uint)((((ulong)b << 32) | a) >> (int)Math.Min(c, 32));
}

/// <summary>Bytes picked from eight by four selector nibbles; bit 3 of a nibble repeats the byte's sign.</summary>
internal readonly struct Permute : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c)
    {
        ulong bytes = ((ulong)b << 32) | a;
        uint result = 0;
        for (int i = 0; i < 4; i++)
        {
            uint selector = (c >> (4 * i)) & 15;
            uint picked = (uint)(bytes >> (int)(8 * (selector & 7))) & 0xFF;
            picked = (selector & 8) == 0 ? picked : (picked & 0x80) != 0 ? 0xFFu : 0;
            result |= picked << (8 * i);
        }

        return result;
    }
}

/// <summary>Bit-field extract: c bits of a from position b; signed types repeat the field's top bit.</summary>
internal readonly struct ExtractBits<T> : ITernary<T, uint, uint, T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, uint position, uint length)
    {
        (position, length) = (position & 0xFF, length & 0xFF);
        int bits = 8 * a.GetByteCount();
        int last = (int)Math.Min(position + length, (uint)bits) - 1;
        bool sign = length > 0 && T.IsNegative(~T.Zero) && (a >> last & T.One) == T.One;
        T result = T.Zero;
        for (int bit = 0; bit < bits; bit++)
        {
            bool set = bit < (int)length && position + bit < bits ? (a >> (int)(position + bit) & T.One) == T.One : sign;
            result |= set ? T.One << bit : T.Zero;
        }

        return result;
    }
}

/// <summary>Sum of absolute differences of the four bytes.</summary>
internal readonly struct ByteDifferences : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c)
    {
        for (int i = 0; i < 32; i += 8)
        {
            c += (uint)Math.Abs((int)(a >> i & 0xFF) - (int)(b >> i & 0xFF));
        }

        return c;
    }
}

/// <summary>Four signed byte products added to c.</summary>
internal readonly struct DotBytes : ITernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c)
    {
        for (int i = 0; i < 32; i += 8)
        {
            c += (uint)((sbyte)(a >> i) * (sbyte)(b >> i));
        }

        return c;
    }
}

/// <summary>Position of the n-th set bit from a base, upwards for n &gt; 0, downwards for n &lt; 0.</summary>
internal readonly struct FindNthSet : ITernary<uint, uint, int, uint>
{
    public static uint Apply(uint mask, uint start, int n)
    {
        int step = n < 0 ? -1 : 1;
        int left = n == 0 ? 1 : Math.Abs(n);
        for (int bit = (int)start; bit is >= 0 and < 32; bit += step)
        {
            left -= (int)(mask >> bit & 1);
            if (left == 0)
            {
                return (uint)bit;
            }

            if (n == 0)
            {
                break;
            }
        }

        return uint.MaxValue;
    }
}
