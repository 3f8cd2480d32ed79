using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class DepthwiseConvTests
{
    // Kernels larger than the plane, planes of one pixel, planes of several blocks, taps that no group divides.
    public static TheoryData<int, int, int, int, int> Sizes => new()
    {
        { 2, 3, 5, 4, 7 }, { 1, 1, 1, 1, 7 }, { 3, 2, 4, 6, 7 }, { 2, 2, 9, 20, 3 }, { 1, 2, 7, 3, 1 }, { 1, 3, 12, 13, 5 }, { 1, 1, 3, 70, 7 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Forward_AnyShape_EqualsTheDefinition(int images, int channels, int height, int width, int kernel)
    {
        Problem p = new(new DepthwiseShape(images, channels, height, width, kernel));

        Near.All(p.ForwardOracle(), p.Forward(1), 2e-6);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Backward_AnyShape_EqualsTheDefinition(int images, int channels, int height, int width, int kernel)
    {
        Problem p = new(new DepthwiseShape(images, channels, height, width, kernel));

        float[][] found = p.Backward(1);

        double[][] expected = p.BackwardOracle();
        Assert.All(Enumerable.Range(0, 3), i => Near.All(expected[i], found[i], 2e-6));
    }

    [Fact]
    public void ForwardAndBackward_AnySplit_GiveTheSameBits()
    {
        Problem p = new(new DepthwiseShape(3, 5, 8, 11, 7));

        Assert.Equal(p.Forward(1), p.Forward(4));
        Assert.Equal(p.Backward(1), p.Backward(3));
    }

    private sealed class Problem(DepthwiseShape shape)
    {
        private readonly Pinned<float> _x = Pinned.Normal((int)shape.Elements, 1);
        private readonly Pinned<float> _weight = Pinned.Normal(shape.Weights, 2);
        private readonly Pinned<float> _bias = Pinned.Normal(shape.Channels, 3);
        private readonly Pinned<float> _dY = Pinned.Normal((int)shape.Elements, 4);

        public float[] Forward(int parts)
        {
            Pinned<float> y = Pinned.Dirty((int)shape.Elements);
            for (int i = 0; i < parts; i++)
            {
                DepthwiseConv.Forward(shape, _x.Span, _weight.Span, _bias.Span, y.Span, shape.Planes * i / parts, shape.Planes * (i + 1) / parts);
            }

            return y.Values;
        }

        public float[][] Backward(int parts)
        {
            Pinned<float>[] found = [Pinned.Dirty((int)shape.Elements), Pinned.Dirty(shape.Weights), Pinned.Dirty(shape.Channels)];
            for (int i = 0; i < parts; i++)
            {
                DepthwiseConv.Backward(shape, _dY.Span, _x.Span, _weight.Span, found[0].Span, found[1].Span, found[2].Span,
                    shape.Channels * i / parts, shape.Channels * (i + 1) / parts);
            }

            return [.. found.Select(gradient => gradient.Values)];
        }

        public double[] ForwardOracle()
        {
            double[] y = [.. Enumerable.Range(0, (int)shape.Elements).Select(i => (double)_bias.Values[i / shape.Pixels % shape.Channels])];
            Each((at, from, tap) => y[at] += (double)_x.Values[from] * _weight.Values[tap]);
            return y;
        }

        public double[][] BackwardOracle()
        {
            (double[] dX, double[] dWeight, double[] dBias) = (new double[shape.Elements], new double[shape.Weights], new double[shape.Channels]);
            Each((at, from, tap) =>
            {
                dX[from] += (double)_dY.Values[at] * _weight.Values[tap];
                dWeight[tap] += (double)_dY.Values[at] * _x.Values[from];
            });
            for (int i = 0; i < shape.Elements; i++)
            {
                dBias[i / shape.Pixels % shape.Channels] += _dY.Values[i];
            }

            return [dX, dWeight, dBias];
        }

        // Every product of the convolution: the result's element, the input's, the weight's.
        private void Each(Action<int, int, int> product)
        {
            int pad = shape.Kernel / 2;
            for (int at = 0; at < shape.Elements; at++)
            {
                (int plane, int y, int x) = (at / shape.Pixels, at / shape.Width % shape.Height, at % shape.Width);
                for (int tap = 0; tap < shape.Taps; tap++)
                {
                    (int fromY, int fromX) = (y + (tap / shape.Kernel) - pad, x + (tap % shape.Kernel) - pad);
                    if (fromY >= 0 && fromY < shape.Height && fromX >= 0 && fromX < shape.Width)
                    {
                        product(at, (plane * shape.Pixels) + (fromY * shape.Width) + fromX, (plane % shape.Channels * shape.Taps) + tap);
                    }
                }
            }
        }
    }
}
