using System.Numerics;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Lanes;

/// <summary>cvt, and moves between one register and a group of narrower ones.</summary>
internal static unsafe class Conversions
{
    /// <summary>The loop for a conversion.</summary>
    public static delegate*<byte*, Instruction, uint, void> Choose(ConversionRule rule) => rule.From.IsFloat || rule.To.IsFloat ? &Rounding : &Integers;

    /// <summary>d = {elements}, lowest first.</summary>
    public static void Pack(byte* registers, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            for (int e = 0; e < i.Elements.Length; e++)
            {
                Buffer.MemoryCopy(registers + i.Elements[e] + (lane * i.ElementWidth),
                    registers + i.D + (lane * i.WidthD) + (e * i.ElementWidth), i.ElementWidth, i.ElementWidth);
            }
        }
    }

    /// <summary>{elements} = d, lowest first.</summary>
    public static void Unpack(byte* registers, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            for (int e = 0; e < i.Elements.Length; e++)
            {
                if (i.Elements[e] >= 0)
                {
                    Buffer.MemoryCopy(registers + i.D + (lane * i.WidthD) + (e * i.ElementWidth),
                        registers + i.Elements[e] + (lane * i.ElementWidth), i.ElementWidth, i.ElementWidth);
                }
            }
        }
    }

    /// <summary>Reads a lane of any width as raw bits.</summary>
    public static ulong Raw(byte* register, int width, int lane) => width switch
    {
        1 => register[lane],
        2 => ((ushort*)register)[lane],
        4 => ((uint*)register)[lane],
        _ => ((ulong*)register)[lane],
    };

    /// <summary>Writes the low bits of a lane of any width.</summary>
    public static void SetRaw(byte* register, int width, int lane, ulong value)
    {
        switch (width)
        {
            case 1: register[lane] = (byte)value; break;
            case 2: ((ushort*)register)[lane] = (ushort)value; break;
            case 4: ((uint*)register)[lane] = (uint)value; break;
            default: ((ulong*)register)[lane] = value; break;
        }
    }

    private static void Integers(byte* registers, Instruction i, uint mask)
    {
        ConversionRule rule = i.Conversion;
        int unused = 64 - rule.From.Bits;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong raw = Raw(registers + i.A, i.WidthA, lane) << unused;
            ulong wide = rule.From.IsSigned ? (ulong)((long)raw >> unused) : raw >> unused;
            if (rule.Saturate)
            {
                wide = Saturated(wide, rule);
            }

            SetRaw(registers + i.D, i.WidthD, lane, Narrow(wide, rule.To));
        }
    }

    private static ulong Saturated(ulong value, ConversionRule rule)
    {
        Int128 exact = rule.From.IsSigned ? (long)value : value;
        return (ulong)Int128.Clamp(exact, Lowest(rule.To), Highest(rule.To));
    }

    // The target register may be wider than the type: the rest is sign or zero.
    private static ulong Narrow(ulong value, PtxType type)
    {
        int unused = 64 - type.Bits;
        return type.IsSigned ? (ulong)((long)(value << unused) >> unused) : value << unused >> unused;
    }

    private static Int128 Lowest(PtxType type) => type.IsSigned ? -(Int128.One << (type.Bits - 1)) : 0;

    private static Int128 Highest(PtxType type) => (Int128.One << (type.IsSigned ? type.Bits - 1 : type.Bits)) - 1;

    private static void Rounding(byte* registers, Instruction i, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            SetRaw(registers + i.D, i.WidthD, lane, Convert(Raw(registers + i.A, i.WidthA, lane), i.Conversion));
        }
    }

    private static ulong Convert(ulong raw, ConversionRule rule)
    {
        if (!rule.From.IsFloat)
        {
            int unused = 64 - rule.From.Bits;
            ulong wide = raw << unused;
            return rule.From.IsSigned ? FromInteger((long)wide >> unused, rule) : FromInteger(wide >> unused, rule);
        }

        double value = rule.From.Bits switch
        {
            16 => (double)BitConverter.UInt16BitsToHalf((ushort)raw),
            32 => BitConverter.UInt32BitsToSingle((uint)raw),
            _ => BitConverter.UInt64BitsToDouble(raw),
        };
        value = rule.Flush && rule.From.Bits == 32 ? Flushed<Move<float>>.Flush((float)value) : value;
        return rule.To.IsFloat ? Float(Whole(value, rule.Rounding), rule) : Integer(value, rule);
    }

    private static ulong FromInteger<T>(T value, ConversionRule rule)
        where T : IBinaryInteger<T>
    {
        // Straight to the target: by way of double a 64-bit integer would be rounded twice.
        return rule.To.Bits switch
        {
            16 => BitConverter.HalfToUInt16Bits(Half.CreateTruncating(value)),
            32 when rule.Rounding is "rn" => BitConverter.SingleToUInt32Bits(float.CreateTruncating(value)),
            32 => BitConverter.SingleToUInt32Bits(DirectedInteger(value, rule.Rounding)),
            _ => BitConverter.DoubleToUInt64Bits(double.CreateTruncating(value)),
        };
    }

    private static float DirectedInteger<T>(T value, string rounding)
        where T : IBinaryInteger<T>
    {
        float nearest = float.CreateTruncating(value);
        Int128 error = Int128.CreateTruncating(nearest) - Int128.CreateTruncating(value);
        bool down = rounding == "rm" || (rounding == "rz" && !T.IsNegative(value));
        return (down, Int128.Sign(error)) switch
        {
            (true, 1) => MathF.BitDecrement(nearest),
            (false, -1) => MathF.BitIncrement(nearest),
            _ => nearest,
        };
    }

    private static double Whole(double value, string rounding) => rounding switch
    {
        "rni" => Math.Round(value, MidpointRounding.ToEven),
        "rzi" => Math.Truncate(value),
        "rmi" => Math.Floor(value),
        "rpi" => Math.Ceiling(value),
        _ => value,
    };

    private static ulong Float(double value, ConversionRule rule)
    {
        value = rule.Saturate ? (double.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1)) : value;
        float narrow = rule.Rounding switch
        {
            "rz" => DirectedRounding.ToFloat(value, 0),
            "rm" => DirectedRounding.ToFloat(value, -1),
            "rp" => DirectedRounding.ToFloat(value, 1),
            _ => (float)value,
        };
        return rule.To.Bits switch
        {
            16 => BitConverter.HalfToUInt16Bits((Half)value),
            32 => BitConverter.SingleToUInt32Bits(rule.Flush ? Flushed<Move<float>>.Flush(narrow) : narrow),
            _ => BitConverter.DoubleToUInt64Bits(value),
        };
    }

    // Integers out of range are clamped and NaN is zero, as PTX prescribes.
    private static ulong Integer(double value, ConversionRule rule)
    {
        double whole = Whole(value, rule.Rounding);
        if (double.IsNaN(whole))
        {
            return 0;
        }

        Int128 clamped = whole >= 1.8446744073709552e19 ? Highest(rule.To)
            : whole <= -9.3e18 ? Lowest(rule.To)
            : Int128.Clamp((Int128)whole, Lowest(rule.To), Highest(rule.To));
        return (ulong)clamped;
    }
}
