namespace Clouds.Runtime.Kernels;

/// <summary>The upper half of a float: its sign, its exponent and seven bits behind the point; bfloat16.</summary>
/// <param name="Bits">As in memory.</param>
public readonly record struct BrainFloat(ushort Bits)
{
    /// <summary>Exact.</summary>
    public static explicit operator float(BrainFloat value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>To nearest, ties to even; every NaN becomes one.</summary>
    public static explicit operator BrainFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return new BrainFloat(float.IsNaN(value) ? (ushort)0x7FFF : (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16));
    }
}
