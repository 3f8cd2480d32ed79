using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class ScatterAddTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 76, 96, 3072)]
    [InlineData(1, 5000, 40, 1)]
    [InlineData(1, 900, 7, 63)]
    [InlineData(1, 300, 2, 64)]
    [InlineData(3, 40, 5, 67)]
    [InlineData(40, 6, 9, 2)]
    public void Add_AnyDivision_HasTheBitsOfThePlainLoop(int blocks, int updates, int rows, int width)
    {
        ScatterAddShape shape = new(blocks, updates, rows, width);
        Pinned<float> terms = Pinned.Normal((int)shape.Terms, 1);
        Pinned<long> indices = new(Indices(shape));
        float[] expected = PlainLoop(shape, terms.Values, indices.Values);
        for (int ranges = 1; ranges <= ScatterAdd.Units(shape); ranges += 3)
        {
            Pinned<float> sums = Pinned.Dirty((int)shape.Sums);
            Divide(ScatterAdd.Pages(shape), ranges, (from, to) => ScatterAdd.Clear(shape, sums.Span, from, to));
            Divide(ScatterAdd.Units(shape), ranges, (from, to) => ScatterAdd.Add(shape, terms.Span, indices.Span, sums.Span, from, to));
            Assert.Equal(expected, sums.Values);
        }
    }

    [Fact]
    public void Add_RowsThatCancelInOneOrderOnly_TakesThatOfTheIndices()
    {
        ScatterAddShape shape = new(1, 4, 2, 1);
        Pinned<float> terms = new([1e8f, 1, -1e8f, 1]);
        Pinned<float> sums = new(2);
        ScatterAdd.Add(shape, terms.Span, new Pinned<long>([0L, 0, 0, 0]).Span, sums.Span, 0, ScatterAdd.Units(shape));
        Assert.Equal([1, 0], sums.Values);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    public void Add_IndexOfNoRow_IsNamed(long index)
    {
        ScatterAddShape shape = new(1, 2, 3, 1);
        Pinned<float> terms = new([1f, 2]);
        Pinned<float> sums = new(3);
        Pinned<long> indices = new([0L, index]);
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => ScatterAdd.Add(shape, terms.Span, indices.Span, sums.Span, 0, ScatterAdd.Units(shape)));
        Assert.Contains($"index {index} names none of 3 rows", error.Message, StringComparison.Ordinal);
    }

    private static long[] Indices(ScatterAddShape shape)
    {
        RandomStream random = new(7, "rows");
        long Draw() => random.NextInt32(2) == 0 ? 0 : random.NextInt32(2 * shape.Rows) - shape.Rows;
        return [.. Enumerable.Range(0, shape.Blocks * shape.Updates).Select(_ => Draw())];
    }

    private static float[] PlainLoop(ScatterAddShape s, float[] terms, long[] indices)
    {
        float[] sums = new float[s.Sums];
        for (int i = 0; i < terms.Length; i++)
        {
            (int update, int column) = (i / s.Width, i % s.Width);
            long row = (indices[update] + s.Rows) % s.Rows;
            sums[(((update / s.Updates * s.Rows) + row) * s.Width) + column] += terms[i];
        }

        return sums;
    }

    private static void Divide(int total, int ranges, Action<int, int> body)
    {
        for (int i = ranges - 1; i >= 0; i--)
        {
            body(total * i / ranges, total * (i + 1) / ranges);
        }
    }
}
