using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class ConvWeightTests
{
    // One pixel, one row, one column, outputs that no group divides, more floats than are gone through at a time, more groups than are.
    public static TheoryData<int, int, int, int, int> Sizes => new()
    {
        { 1, 1, 1, 1, 1 }, { 2, 2, 3, 1, 5 }, { 3, 1, 4, 6, 1 }, { 2, 3, 5, 7, 8 }, { 2, 2, 2, 40, 33 }, { 1, 2, 52, 3, 4 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Add_AnyShape_EqualsTheDefinition(int images, int inputs, int outputs, int height, int width)
    {
        Problem p = new(new ConvWeightShape(images, inputs, outputs, height, width));

        Near.All(p.Oracle(), p.Run(1), 2e-6);
    }

    [Fact]
    public void Add_AnySplit_GivesTheSameBits()
    {
        Problem p = new(new ConvWeightShape(2, 5, 13, 9, 11));

        Assert.Equal(p.Run(1), p.Run(4));
    }

    private sealed class Problem(ConvWeightShape shape)
    {
        private readonly Pinned<float> _dY = Pinned.Normal((int)shape.OutputElements, 1);
        private readonly Pinned<float> _x = Pinned.Normal((int)shape.InputElements, 2);

        public float[] Run(int parts)
        {
            (Pinned<float> outputs, Pinned<float> inputs) = (Pinned.Dirty((int)shape.SpreadOutputs), Pinned.Dirty((int)shape.SpreadInputs));
            Pinned<float> dWeight = Pinned.Dirty(shape.Weights);
            for (int i = 0; i < parts; i++)
            {
                ConvWeight.SpreadInputs(shape, _x.Span, inputs.Span, shape.Inputs * i / parts, shape.Inputs * (i + 1) / parts);
                ConvWeight.SpreadOutputs(shape, _dY.Span, outputs.Span, shape.Outputs * i / parts, shape.Outputs * (i + 1) / parts);
            }

            for (int i = 0; i < parts; i++)
            {
                ConvWeight.Add(shape, outputs.Span, inputs.Span, dWeight.Span, shape.Groups * i / parts, shape.Groups * (i + 1) / parts);
            }

            return dWeight.Values;
        }

        public double[] Oracle()
        {
            (int h, int w) = (shape.Height, shape.Width);
            double X(int image, int channel, int y, int x)
                => y < 0 || y >= h || x < 0 || x >= w ? 0 : _x.Values[(((((image * shape.Inputs) + channel) * h) + y) * w) + x];
            return [.. Enumerable.Range(0, shape.Weights).Select(i =>
            {
                (int output, int input, int tap) = (i / 9 / shape.Inputs, i / 9 % shape.Inputs, i % 9);
                return Enumerable.Range(0, shape.Images * h * w).Select(at => (Image: at / (h * w), Y: at / w % h, X: at % w)).Sum(at
                    => (double)_dY.Values[(((((at.Image * shape.Outputs) + output) * h) + at.Y) * w) + at.X]
                        * X(at.Image, input, at.Y + (tap / 3) - 1, at.X + (tap % 3) - 1));
            })];
        }
    }
}
