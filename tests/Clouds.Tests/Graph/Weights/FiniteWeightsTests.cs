using System.Buffers.Binary;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class FiniteWeightsTests : IDisposable
{
    // More than one vector of any type, and no multiple of one.
    private const int Length = 1003;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<WeightType, ulong, string> NotFinite => new()
    {
        { WeightType.F32, 0x7FC0_0000, "NaN" },
        { WeightType.F32, 0xFF80_0001, "NaN" },
        { WeightType.F32, 0x7F80_0000, "infinity" },
        { WeightType.F32, 0xFF80_0000, "-infinity" },
        { WeightType.F16, 0x7C00, "infinity" },
        { WeightType.F16, 0xFE00, "NaN" },
        { WeightType.BF16, 0xFF80, "-infinity" },
        { WeightType.BF16, 0x7F81, "NaN" },
        { WeightType.F64, 0x7FF0_0000_0000_0000, "infinity" },
        { WeightType.F64, 0xFFF8_0000_0000_0000, "NaN" },
    };

    public static TheoryData<WeightType, ulong> Finite => new()
    {
        { WeightType.F32, 0x7F7F_FFFF },
        { WeightType.F32, 0x0000_0001 },
        { WeightType.F32, 0x8000_0000 },
        { WeightType.F16, 0x7BFF },
        { WeightType.F16, 0x83FF },
        { WeightType.BF16, 0xFF7F },
        { WeightType.BF16, 0x0001 },
        { WeightType.F64, 0x7FEF_FFFF_FFFF_FFFF },
        { WeightType.I64, 0x7FF8_0000_0000_0000 },
        { WeightType.I32, 0x7FC0_0000 },
        { WeightType.I16, 0x7C00 },
        { WeightType.U8, 0xFF },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void Require_OneElementThatIsNotFinite_IsFoundWhereverItIs(WeightType type, ulong bits, string value)
    {
        foreach (int place in new[] { 0, 1, 63, 64, Length - 1 })
        {
            CloudsException e = Assert.Throws<CloudsException>(() => Require(("fine", type, 0, 0), ("layer.weight", type, place, bits)));
            Assert.Equal(Failure.Numeric, e.Failure);
            Assert.EndsWith("tensor 'layer.weight'", e.Where, StringComparison.Ordinal);
            Assert.StartsWith($"{value} at element {place} of ", e.Found, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Finite))]
    public void Require_LargestAndSubnormalNumbersAndWholeOnes_AreFine(WeightType type, ulong bits) => Require(("a", type, 7, bits));

    [Fact]
    public void Require_SeveralTensors_NamesTheFirstAndCountsThem()
    {
        CloudsException e = Assert.Throws<CloudsException>(() => Require(
            ("a", WeightType.F32, 0, 0), ("b", WeightType.F32, 5, 0x7FC0_0000), ("c", WeightType.F16, 0, 0x7C00), ("d", WeightType.I32, 0, 0x7FC0_0000)));
        Assert.EndsWith("tensor 'b'", e.Where, StringComparison.Ordinal);
        Assert.Equal("NaN at element 5 of F32 [1003]; 2 such tensors", e.Found);
    }

    // Behind a header of odd length, as other programs write it, and of more elements than are looked at in one piece.
    [Fact]
    public void Require_LongTensorAtAnOddAddress_GivesThePlaceInTheWholeTensor()
    {
        const int elements = (1 << 20) + 77;
        string header = $"{{\"long\":{{\"dtype\":\"F32\",\"shape\":[{elements}],\"data_offsets\":[0,{4L * elements}]}}}}";
        header = header.PadRight(header.Length | 1);
        byte[] file = new byte[8 + header.Length + (4 * elements)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        System.Text.Encoding.ASCII.GetBytes(header).CopyTo(file, 8);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - 8), 0x7F80_0000);
        File.WriteAllBytes(_folder["odd.safetensors"], file);
        using WeightSource source = WeightSource.Open(_folder["odd.safetensors"]);
        CloudsException e = Assert.Throws<CloudsException>(() => FiniteWeights.Require(source, source.Tensors.Values));
        Assert.Equal($"infinity at element {elements - 2} of F32 [{elements}]", e.Found);
    }

    private void Require(params (string Name, WeightType Type, int Place, ulong Bits)[] tensors)
    {
        using (SafetensorsWriter writer =
            new(_folder["w.safetensors"], [.. tensors.Select(t => new TensorDeclaration(t.Name, t.Type, [Length]))]))
        {
            foreach ((string name, WeightType type, int place, ulong bits) in tensors)
            {
                byte[] elements = new byte[Length * type.Size()];
                BitConverter.GetBytes(bits).AsSpan(0, type.Size()).CopyTo(elements.AsSpan(place * type.Size()));
                writer.Write(name, elements);
            }

            writer.Commit();
        }

        using WeightSource source = WeightSource.Open(_folder["w.safetensors"]);
        FiniteWeights.Require(source, source.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal));
    }
}
