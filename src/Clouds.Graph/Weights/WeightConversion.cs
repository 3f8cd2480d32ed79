using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Clouds.Graph.Weights;

/// <summary>Little-endian file bytes to numbers; tensors need not be aligned in the file.</summary>
internal static class WeightConversion
{
    // Exponents are biased by 15 in a half, by 127 in a single.
    private static readonly float HalfScale = MathF.ScaleB(1, 127 - 15);

    public static void ToFloats(WeightType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case WeightType.F32 when BitConverter.IsLittleEndian:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case WeightType.F16:
                HalvesToFloats(bytes, MemoryMarshal.Cast<float, uint>(values));
                break;
            case WeightType.BF16:
                BrainFloatsToFloats(bytes, MemoryMarshal.Cast<float, uint>(values));
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)Double(type, bytes[(i * type.Size())..]);
                }

                break;
        }
    }

    /// <summary>The first number of the bytes as a double; exact but for integers beyond 2^53.</summary>
    public static double Double(WeightType type, ReadOnlySpan<byte> bytes) => type switch
    {
        WeightType.F64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        WeightType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        WeightType.F16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        WeightType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        WeightType.F8E4M3 => SmallFloat(bytes[0]),
        WeightType.F8E5M2 => (double)BitConverter.UInt16BitsToHalf((ushort)(bytes[0] << 8)),
        WeightType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => Integer(type, bytes),
    };

    /// <summary>Every number of the bytes as a double.</summary>
    public static void ToDoubles(WeightType type, ReadOnlySpan<byte> bytes, Span<double> values)
    {
        int size = type.Size();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Double(type, bytes[(i * size)..]);
        }
    }

    /// <summary>The first number of the bytes as an integer; of U64 modulo 2^64.</summary>
    public static long Integer(WeightType type, ReadOnlySpan<byte> bytes) => type switch
    {
        WeightType.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        WeightType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        WeightType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        WeightType.I8 => (sbyte)bytes[0],
        WeightType.U64 => (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        WeightType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        WeightType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        WeightType.U8 => bytes[0],
        WeightType.Bool => bytes[0] == 0 ? 0 : 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    // Biased by 7, subnormal where the exponent is 0; of the largest exponent only the largest fraction is no number.
    private static double SmallFloat(int bits)
    {
        int exponent = (bits >> 3) & 15;
        int fraction = bits & 7;
        double magnitude = (bits & 0x7F) == 0x7F ? double.NaN : Math.ScaleB(exponent == 0 ? fraction : 8 + fraction, Math.Max(exponent, 1) - 10);
        return bits < 0x80 ? magnitude : -magnitude;
    }

    private static void BrainFloatsToFloats(ReadOnlySpan<byte> bytes, Span<uint> bits)
    {
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16;
        }
    }

    // Bits and not values, because the processor would set the quiet bit of a signalling NaN.
    private static void HalvesToFloats(ReadOnlySpan<byte> bytes, Span<uint> bits)
    {
        for (int i = 0; i < bits.Length; i++)
        {
            uint half = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            uint magnitude = (half & 0x7FFF) << 13;
            // Read as a single, the shifted bits are too small by a power of two: the product is exact, for subnormal halves as well.
            uint single = magnitude < 0x0F80_0000
                ? BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * HalfScale)
                : magnitude | 0x7F80_0000;
            bits[i] = ((half & 0x8000) << 16) | single;
        }
    }
}
