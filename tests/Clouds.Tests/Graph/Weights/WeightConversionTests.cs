using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

/// <summary>Every one of the 65,536 values of the two 16-bit types, against their definitions.</summary>
[Kind(TestKind.Fast)]
public sealed class WeightConversionTests
{
    private static readonly ushort[] All = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];

    [Fact]
    public void ToFloats_EveryBrainFloat_IsTheUpperHalfOfASingle()
    {
        uint[] singles = Singles(WeightType.BF16);
        Assert.All(All, bits => Assert.Equal((uint)bits << 16, singles[bits]));
    }

    [Fact]
    public void ToFloats_EveryFiniteHalf_KeepsItsValue()
    {
        uint[] singles = Singles(WeightType.F16);
        Assert.All(All.Where(bits => Exponent(bits) < 31), bits => Assert.Equal(BitConverter.SingleToUInt32Bits((float)Defined(bits)), singles[bits]));
    }

    [Fact]
    public void ToFloats_EveryInfinityAndNanOfHalf_KeepsSignAndPayload()
    {
        uint[] singles = Singles(WeightType.F16);
        Assert.All(
            All.Where(bits => Exponent(bits) == 31),
            bits => Assert.Equal(((bits & 0x8000u) << 16) | 0x7F80_0000 | ((bits & 0x3FFu) << 13), singles[bits]));
    }

    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void Double_EveryNumber_EqualsTheSingle(WeightType type)
    {
        uint[] singles = Singles(type);
        Assert.All(All, bits => Assert.Equal(BitConverter.UInt32BitsToSingle(singles[bits]), WeightConversion.Double(type, BitConverter.GetBytes(bits))));
    }

    private static uint[] Singles(WeightType type)
    {
        byte[] bytes = [.. All.SelectMany(BitConverter.GetBytes)];
        float[] values = new float[All.Length];
        WeightConversion.ToFloats(type, bytes, values);
        return Array.ConvertAll(values, BitConverter.SingleToUInt32Bits);
    }

    private static int Exponent(ushort bits) => (bits >> 10) & 31;

    // IEEE 754: (-1)^s · 2^(e - 15) · 1.m, and 2^-14 · 0.m where e is 0.
    private static double Defined(ushort bits)
    {
        int exponent = Exponent(bits);
        double magnitude = Math.ScaleB((exponent > 0 ? 1024 : 0) + (bits & 0x3FF), Math.Max(exponent, 1) - 15 - 10);
        return bits >= 0x8000 ? -magnitude : magnitude;
    }
}
