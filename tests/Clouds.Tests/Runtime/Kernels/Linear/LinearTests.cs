using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class LinearTests
{
    // Full tiles, edges on both sides, one row, one output, several parts of K that do not divide it, more than one range of columns.
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 12, 16, 32 }, { 25, 64, 96 }, { 1, 1, 1 }, { 13, 5, 33 }, { 40, 1300, 20 }, { 7, 513, 31 }, { 3, 20, 1050 }, { 130, 48, 64 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Multiply_MatrixByRowsOrColumns_EqualsTheDefinition(int rows, int inner, int outputs)
    {
        Problem p = new(new LinearShape(rows, inner, outputs));

        Assert.All([true, false], transposed =>
        {
            Near.All(p.Oracle(transposed, p.Bias.Values), p.Run(transposed, p.Bias.Span, 1), 1e-5);
            Near.All(p.Oracle(transposed, new float[outputs]), p.Run(transposed, default, 1), 1e-5);
        });
    }

    [Fact]
    public void Multiply_AnySplit_GivesTheSameBits()
    {
        Problem p = new(new LinearShape(300, 700, 90));

        float[] whole = p.Run(transposed: true, p.Bias.Span, 1);

        Assert.All([2, 3, 7], parts => Assert.Equal(whole, p.Run(transposed: true, p.Bias.Span, parts)));
    }

    [Fact]
    public void Multiply_OneRowNotFinite_LeavesTheOthersAlone()
    {
        Problem p = new(new LinearShape(20, 30, 40));
        float[] before = p.Run(transposed: true, p.Bias.Span, 1);
        Array.Fill(p.X.Values, float.NaN, 5 * 30, 30);

        float[] after = p.Run(transposed: true, p.Bias.Span, 1);

        Assert.All(after.Index(), y => Assert.Equal(y.Index / 40 == 5 ? float.NaN : before[y.Index], y.Item));
    }

    private sealed class Problem(LinearShape shape)
    {
        public Pinned<float> X { get; } = Pinned.Normal(shape.Rows * shape.Inner, 1);

        public Pinned<float> Matrix { get; } = Pinned.Normal(shape.Inner * shape.Outputs, 2);

        public Pinned<float> Bias { get; } = Pinned.Normal(shape.Outputs, 3);

        public float[] Run(bool transposed, HostSpan<float> bias, int parts)
        {
            Pinned<float> packed = Pinned.Dirty(checked((int)shape.PackedFloats));
            Pinned<float> y = Pinned.Dirty(shape.Rows * shape.Outputs);
            for (int part = 0; part < parts; part++)
            {
                Linear.Pack(shape, Matrix.Span, transposed, packed.Span, shape.Panels * part / parts, shape.Panels * (part + 1) / parts);
            }

            for (int part = 0; part < parts; part++)
            {
                Linear.Multiply(shape, X.Span, packed.Span, bias, y.Span, shape.Tiles * part / parts, shape.Tiles * (part + 1) / parts);
            }

            return y.Values;
        }

        public double[] Oracle(bool transposed, float[] bias) =>
        [
            .. Enumerable.Range(0, shape.Rows * shape.Outputs).Select(i => (Row: i / shape.Outputs, Output: i % shape.Outputs)).Select(y =>
                bias[y.Output] + Enumerable.Range(0, shape.Inner).Sum(k => (double)X.Values[(y.Row * shape.Inner) + k]
                    * Matrix.Values[transposed ? (y.Output * shape.Inner) + k : (k * shape.Outputs) + y.Output])),
        ];
    }
}
