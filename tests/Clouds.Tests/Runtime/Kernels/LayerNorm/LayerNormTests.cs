using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class LayerNormTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 7)]
    [InlineData(3, 16)]
    [InlineData(130, 33)]
    [InlineData(257, 64)]
    [InlineData(9, 271)]
    public void Forward_AnyShape_EqualsTheDefinition(int rows, int width)
    {
        Problem p = new(rows, width);
        Pinned<float> y = Pinned.Dirty(rows * width);
        LayerNorm.Forward(p.Shape, p.X.Span, p.Scale.Span, p.Bias.Span, y.Span, Epsilon, 0, rows / 2);
        LayerNorm.Forward(p.Shape, p.X.Span, p.Scale.Span, p.Bias.Span, y.Span, Epsilon, rows / 2, rows);
        Near.All(p.Forward(p.X.Values), y.Values, 2e-6);
    }

    [Theory]
    [InlineData(5, 7)]
    [InlineData(3, 16)]
    [InlineData(130, 33)]
    [InlineData(257, 64)]
    [InlineData(9, 271)]
    public void Backward_AnyShape_EqualsTheDefinition(int rows, int width)
    {
        Problem p = new(rows, width);
        Pinned<float>[] found = p.Backward(1);
        double[][] expected = p.BackwardOracle();
        for (int i = 0; i < 3; i++)
        {
            Near.All(expected[i], found[i].Values, 4e-6);
        }
    }

    [Fact]
    public void Backward_Input_EqualsCentralDifferences()
    {
        Problem p = new(2, 19);
        Pinned<float>[] found = p.Backward(1);
        for (int i = 0; i < p.X.Values.Length; i++)
        {
            // A step of 2^-7 is exact in float; the third derivative leaves about 1e-4.
            const float Step = 1f / 128;
            float[] up = [.. p.X.Values];
            float[] down = [.. p.X.Values];
            up[i] += Step;
            down[i] -= Step;
            Assert.Equal((p.Objective(up) - p.Objective(down)) / (up[i] - down[i]), found[0].Values[i], 1e-3);
        }
    }

    [Fact]
    public void Backward_AnySplit_GivesTheSameBits()
    {
        Problem p = new(600, 37);
        Pinned<float>[] whole = p.Backward(1);
        Pinned<float>[] parts = p.Backward(3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(whole[i].Values, parts[i].Values);
        }
    }

    private sealed class Problem(int rows, int width)
    {
        public LayerNormShape Shape { get; } = new(rows, width);

        public Pinned<float> X { get; } = Pinned.Normal(rows * width, 5, 3);

        public Pinned<float> Scale { get; } = Pinned.Normal(width, 6);

        public Pinned<float> Bias { get; } = Pinned.Normal(width, 7);

        public Pinned<float> DY { get; } = Pinned.Normal(rows * width, 8);

        public Pinned<float>[] Backward(int parts)
        {
            Pinned<float>[] result = [Pinned.Dirty(rows * width), Pinned.Dirty(width), Pinned.Dirty(width)];
            Pinned<float> partials = Pinned.Dirty((int)Shape.PartialFloats);
            int chunks = Shape.Chunks;
            for (int i = 0; i < parts; i++)
            {
                LayerNorm.Backward(
                    Shape, DY.Span, X.Span, Scale.Span, result[0].Span, partials.Span, Epsilon, chunks * i / parts, chunks * (i + 1) / parts);
            }

            LayerNorm.SumPartials(Shape, partials.Span, result[1].Span, result[2].Span);
            return result;
        }

        public double[] Forward(float[] x)
        {
            double[] y = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                (double mean, double deviation) = Row(x, i / width);
                y[i] = ((x[i] - mean) / deviation * Scale.Values[i % width]) + Bias.Values[i % width];
            }

            return y;
        }

        public double Objective(float[] x) => Forward(x).Zip(DY.Values, (y, g) => y * g).Sum();

        public double[][] BackwardOracle()
        {
            double[] dX = new double[rows * width];
            double[] dScale = new double[width];
            double[] dBias = new double[width];
            for (int i = 0; i < dX.Length; i++)
            {
                (double mean, double deviation) = Row(X.Values, i / width);
                double normal = (X.Values[i] - mean) / deviation;
                dScale[i % width] += DY.Values[i] * normal;
                dBias[i % width] += DY.Values[i];
                double gradient = DY.Values[i] * Scale.Values[i % width];
                for (int d = 0; d < width; d++)
                {
                    int j = (i / width * width) + d;
                    double other = DY.Values[j] * Scale.Values[d];
                    gradient -= other * (1 + (normal * (X.Values[j] - mean) / deviation)) / width;
                }

                dX[i] = gradient / deviation;
            }

            return [dX, dScale, dBias];
        }

        private (double Mean, double Deviation) Row(float[] x, int row)
        {
            IEnumerable<double> values = x.Skip(row * width).Take(width).Select(value => (double)value);
            double mean = values.Average();
            return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + Epsilon));
        }
    }
}
