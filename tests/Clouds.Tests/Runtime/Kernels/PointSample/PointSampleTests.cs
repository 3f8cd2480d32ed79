using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class PointSampleTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 5)]
    [InlineData(2, 3, 4, 5, 17)]
    [InlineData(3, 1, 9, 2, 300)]
    [InlineData(1, 7, 13, 11, 513)]
    public void Forward_FloatsAndBytes_EqualTheDefinition(int n, int c, int h, int w, int p)
    {
        PointSampleShape shape = new(n, c, h, w, p);
        Pinned<float> points = Pinned.Uniform(n * p * 2, 11, -0.2, 1.2);
        Pinned<float> input = Pinned.Normal(n * c * h * w, 12);
        Pinned<byte> bytes = new([.. Pinned.Uniform(n * c * h * w, 13, 0, 255).Values.Select(value => (byte)value)]);
        Pinned<float> output = Pinned.Dirty(n * c * p);
        Split(n * c, (from, to) => PointSample.Forward(shape, input.Span, points.Span, output.Span, from, to));
        Near.All(Oracle([.. input.Values.Select(v => (double)v)], points.Values, n, c, h, w, p), output.Values, 1e-6);
        Split(n * c, (from, to) => PointSample.Forward(shape, bytes.Span, points.Span, output.Span, from, to));
        Near.All(Oracle([.. bytes.Values.Select(v => (double)v)], points.Values, n, c, h, w, p), output.Values, 1e-6);
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 5)]
    [InlineData(2, 3, 4, 5, 17)]
    [InlineData(1, 2, 13, 11, 513)]
    public void Backward_IsTheTransposeOfForward(int n, int c, int h, int w, int p)
    {
        // The map is linear in the input: <dY, sample(e_i)> for every unit vector e_i is the whole gradient, checked exactly.
        PointSampleShape shape = new(n, c, h, w, p);
        Pinned<float> points = Pinned.Uniform(n * p * 2, 14, -0.2, 1.2);
        Pinned<float> dY = Pinned.Normal(n * c * p, 15);
        Pinned<float> dX = Pinned.Dirty(n * c * h * w);
        Split(n * c, (from, to) => PointSample.Backward(shape, dY.Span, points.Span, dX.Span, from, to));
        double[] expected = new double[dX.Values.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            double[] unit = new double[expected.Length];
            unit[i] = 1;
            expected[i] = Oracle(unit, points.Values, n, c, h, w, p).Zip(dY.Values, (y, g) => y * g).Sum();
        }

        Near.All(expected, dX.Values, 2e-6);
    }

    [Fact]
    public void Forward_PixelCentre_IsThePixel()
    {
        Pinned<float> input = new([1, 2, 3, 4]);
        Pinned<float> points = new([0.25f, 0.25f, 0.75f, 0.25f, 0.25f, 0.75f, 0.75f, 0.75f, 0f, 0f]);
        Pinned<float> output = Pinned.Dirty(5);
        PointSample.Forward(new PointSampleShape(1, 1, 2, 2, 5), input.Span, points.Span, output.Span, 0, 1);

        // The corner of the map is a quarter of its first pixel: three of four neighbours are outside.
        Assert.Equal([1, 2, 3, 4, 0.25f], output.Values);
    }

    private static void Split(int total, Action<int, int> body)
    {
        body(0, total / 2);
        body(total / 2, total);
    }

    private static double[] Oracle(double[] input, float[] points, int n, int c, int h, int w, int p)
    {
        double[] output = new double[n * c * p];
        for (int i = 0; i < output.Length; i++)
        {
            int plane = i / p;
            int point = ((plane / c) * p) + (i % p);
            float x = (points[2 * point] * w) - 0.5f;
            float y = (points[(2 * point) + 1] * h) - 0.5f;
            for (int row = 0; row < h; row++)
            {
                for (int column = 0; column < w; column++)
                {
                    double weight = Math.Max(0, 1 - Math.Abs((double)x - column)) * Math.Max(0, 1 - Math.Abs((double)y - row));
                    output[i] += weight * input[(((plane * h) + row) * w) + column];
                }
            }
        }

        return output;
    }
}
