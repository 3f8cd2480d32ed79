using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class GroupNormTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1, 1, 1, 2)]
    [InlineData(2, 6, 3, 7)]
    [InlineData(3, 8, 1, 20)]
    [InlineData(1, 5, 5, 33)]
    public void Forward_AnyShape_EqualsTheDefinition(int images, int channels, int groups, int pixels)
    {
        Problem p = new(new GroupNormShape(images, channels, groups, pixels));
        Pinned<float> y = Pinned.Dirty(p.X.Values.Length);
        GroupNorm.Forward(p.Shape, p.X.Span, p.Scale.Span, p.Bias.Span, y.Span, Epsilon, 0, p.Shape.Units / 2);
        GroupNorm.Forward(p.Shape, p.X.Span, p.Scale.Span, p.Bias.Span, y.Span, Epsilon, p.Shape.Units / 2, p.Shape.Units);
        Near.All(p.Forward(p.X.Values, p.Scale.Values, p.Bias.Values), y.Values, 2e-6);
    }

    [Theory]
    [InlineData(2, 6, 3, 7)]
    [InlineData(1, 4, 1, 9)]
    [InlineData(1, 4, 2, 21)]
    public void Backward_EveryInput_EqualsCentralDifferences(int images, int channels, int groups, int pixels)
    {
        // A step of 2^-7 is exact in float; the third derivative leaves about 1e-4.
        Problem p = new(new GroupNormShape(images, channels, groups, pixels));
        Pinned<float>[] found = p.Backward(1);
        (float[] x, float[] scale, float[] bias) = (p.X.Values, p.Scale.Values, p.Bias.Values);
        AssertSlopes(x, found[0].Values, changed => p.Objective(changed, scale, bias));
        AssertSlopes(scale, found[1].Values, changed => p.Objective(x, changed, bias));
        AssertSlopes(bias, found[2].Values, changed => p.Objective(x, scale, changed));
    }

    [Fact]
    public void Backward_AnySplit_GivesTheSameBits()
    {
        Problem p = new(new GroupNormShape(3, 12, 4, 50));
        Pinned<float>[] whole = p.Backward(1);
        Pinned<float>[] parts = p.Backward(5);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(whole[i].Values, parts[i].Values));
    }

    private static void AssertSlopes(float[] values, float[] found, Func<float[], double> objective)
    {
        const float Step = 1f / 128;
        for (int i = 0; i < values.Length; i++)
        {
            float[] up = [.. values];
            float[] down = [.. values];
            up[i] += Step;
            down[i] -= Step;
            Assert.Equal((objective(up) - objective(down)) / (up[i] - down[i]), found[i], 2e-3);
        }
    }

    private sealed class Problem(GroupNormShape shape)
    {
        public GroupNormShape Shape => shape;

        public Pinned<float> X { get; } = Pinned.Normal((int)shape.Elements, 5, 3);

        public Pinned<float> Scale { get; } = Pinned.Normal(shape.Channels, 6);

        public Pinned<float> Bias { get; } = Pinned.Normal(shape.Channels, 7);

        public Pinned<float> DY { get; } = Pinned.Normal((int)shape.Elements, 8);

        public Pinned<float>[] Backward(int parts)
        {
            Pinned<float>[] result = [Pinned.Dirty((int)shape.Elements), Pinned.Dirty(shape.Channels), Pinned.Dirty(shape.Channels)];
            Pinned<float> planes = Pinned.Dirty((int)shape.PlaneFloats);
            for (int i = 0; i < parts; i++)
            {
                GroupNorm.Backward(
                    shape, DY.Span, X.Span, Scale.Span, result[0].Span, planes.Span, Epsilon, shape.Units * i / parts, shape.Units * (i + 1) / parts);
            }

            GroupNorm.SumPlanes(shape, planes.Span, result[1].Span, result[2].Span);
            return result;
        }

        public double[] Forward(float[] x, float[] scale, float[] bias)
        {
            int elements = shape.ChannelsOfGroup * shape.Pixels;
            return [.. x.Chunk(elements).SelectMany((group, unit) =>
            {
                double mean = group.Average(value => (double)value);
                double deviation = Math.Sqrt(group.Average(value => (value - mean) * (value - mean)) + Epsilon);
                return group.Select((value, i) => (Value: (value - mean) / deviation, Channel: ((unit * elements) + i) / shape.Pixels % shape.Channels))
                    .Select(normal => (normal.Value * scale[normal.Channel]) + bias[normal.Channel]);
            })];
        }

        public double Objective(float[] x, float[] scale, float[] bias) => Forward(x, scale, bias).Zip(DY.Values, (y, g) => y * g).Sum();
    }
}
