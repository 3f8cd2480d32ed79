using System.Buffers.Binary;

namespace Clouds.Graph.Weights;

/// <summary>Little-endian file bytes to numbers; tensors need not be aligned in the file.</summary>
internal static class WeightConversion
{
    public static void ToFloats(WeightType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (type == WeightType.F32 && BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type == WeightType.F32
                ? BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..])
                : (float)Element(type, bytes, i);
        }
    }

    public static void ToDoubles(WeightType type, ReadOnlySpan<byte> bytes, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Element(type, bytes, i);
        }
    }

    public static void ToIntegers(WeightType type, ReadOnlySpan<byte> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Integer(type, bytes, i);
        }
    }

    // Half and bfloat16 are exact in a double, so going through one changes no bit of a float32 result.
    private static double Element(WeightType type, ReadOnlySpan<byte> bytes, int i) => type switch
    {
        WeightType.F64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
        WeightType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
        WeightType.F16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
        WeightType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
        _ => Integer(type, bytes, i),
    };

    private static long Integer(WeightType type, ReadOnlySpan<byte> bytes, int i) => type switch
    {
        WeightType.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
        WeightType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
        WeightType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]),
        WeightType.I8 => (sbyte)bytes[i],
        WeightType.U8 => bytes[i],
        WeightType.Bool => bytes[i] == 0 ? 0 : 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
