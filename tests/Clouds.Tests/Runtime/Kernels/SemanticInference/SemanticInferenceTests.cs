using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class SemanticInferenceTests
{
    public static TheoryData<int, int, int, int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1, 4, 4, 3, 2 },
        { 7, 19, 5, 6, 20, 24, 20, 24 },
        { 3, 5, 8, 16, 32, 64, 29, 61 },
        { 4, 6, 9, 20, 32, 70, 31, 69 },
        { 2, 11, 20, 30, 10, 17, 10, 17 },
        { 3, 3, 7, 40, 7, 40, 7, 39 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_AnyShape_EqualsTheDefinition(int q, int k, int h, int w, int padH, int padW, int cropH, int cropW)
    {
        SemanticShape shape = new(q, k, h, w, padH, padW, cropH, cropW);
        Problem p = new(shape);
        ushort[] labels = new ushort[cropH * cropW];
        float[] scores = new float[k * cropH * cropW];
        SemanticInference.Run(shape, p.Probabilities, p.Masks, labels, scores, threads: 2);
        double[] expected = p.Scores();
        Near.All(expected, scores, 2e-6);
        CheckLabels(expected, labels, k);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RunResized_AnyShape_EqualsTheDefinition(int q, int k, int h, int w, int padH, int padW, int cropH, int cropW)
    {
        SemanticShape shape = new(q, k, h, w, padH, padW, cropH, cropW);
        Problem p = new(shape);
        foreach ((int height, int width) in new[] { (cropH * 2, cropW + 5), (Math.Max(1, cropH / 2), Math.Max(1, cropW / 3)), (cropH, cropW) })
        {
            ushort[] labels = new ushort[height * width];
            float[] scores = new float[k * height * width];
            SemanticInference.RunResized(shape, p.Probabilities, p.Masks, height, width, labels, scores, threads: 2);
            double[] expected = Resize(p.Scores(), k, cropH, cropW, height, width);
            Near.All(expected, scores, 2e-6);
            CheckLabels(expected, labels, k);
        }
    }

    [Fact]
    public void Run_OneOrMoreThreads_GiveTheSameBits()
    {
        SemanticShape shape = new(9, 19, 12, 17, 48, 68, 45, 67);
        Problem p = new(shape);
        float[][] scores = [new float[19 * 45 * 67], new float[19 * 45 * 67]];
        ushort[][] labels = [new ushort[45 * 67], new ushort[45 * 67]];
        SemanticInference.Run(shape, p.Probabilities, p.Masks, labels[0], scores[0], threads: 1);
        SemanticInference.Run(shape, p.Probabilities, p.Masks, labels[1], scores[1], threads: 3);
        Assert.Equal(scores[0], scores[1]);
        Assert.Equal(labels[0], labels[1]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_NarrowAndWideVectors_GiveTheSameBits(int q, int k, int h, int w, int padH, int padW, int cropH, int cropW)
    {
        SemanticShape shape = new(q, k, h, w, padH, padW, cropH, cropW);
        Problem p = new(shape);
        foreach ((int height, int width) in new[] { (cropH, cropW), (cropH * 2, cropW + 5), (Math.Max(1, cropH / 2), Math.Max(1, cropW / 3)) })
        {
            float[][] scores = [new float[k * height * width], new float[k * height * width]];
            ushort[][] labels = [new ushort[height * width], new ushort[height * width]];
            SemanticInference.RunResized(shape, p.Probabilities, p.Masks, height, width, labels[0], scores[0], level: SimdLevel.Vector256);
            SemanticInference.RunResized(shape, p.Probabilities, p.Masks, height, width, labels[1], scores[1], level: SimdLevel.Vector512);
            Assert.Equal(scores[0], scores[1]);
            Assert.Equal(labels[0], labels[1]);
        }
    }

    [Fact]
    public void Run_EqualScores_TakesTheLowestClass()
    {
        SemanticShape shape = new(1, 7, 2, 2, 8, 8, 8, 8);
        float[] probabilities = [0.1f, 0.2f, 0.1f, 0.2f, 0.2f, 0.1f, 0.1f];
        ushort[] labels = new ushort[64];
        SemanticInference.Run(shape, probabilities, new float[4], labels, []);
        Assert.All(labels, label => Assert.Equal(1, label));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void RunResized_AMaskLogitThatIsNotFinite_GivesNoLabelAroundIt(float logit)
    {
        SemanticShape shape = new(3, 23, 5, 9, 20, 36, 19, 33);
        Problem p = new(shape);
        p.Masks[(((1 * 5) + 2) * 9) + 4] = logit;
        (SimdLevel, int)[] ways = [(SimdLevel.Vector256, 1), (SimdLevel.Vector512, 1), (SimdLevel.Vector256, 2), (SimdLevel.Vector512, 2)];
        foreach ((SimdLevel level, int scale) in ways)
        {
            ushort[] labels = new ushort[19 * 33 * scale * scale];
            SemanticInference.RunResized(shape, p.Probabilities, p.Masks, 19 * scale, 33 * scale, labels, [], level: level);
            Assert.Equal(SemanticInference.NoLabel, labels[(10 * scale * 33 * scale) + (18 * scale)]);
            Assert.InRange(labels[0], 0, 22);
            Assert.InRange(labels[^1], 0, 22);
        }
    }

    [Fact]
    public void RunResized_AProbabilityThatIsNoNumber_GivesNoLabels()
    {
        SemanticShape shape = new(2, 3, 2, 2, 8, 8, 8, 8);
        float[] probabilities = SemanticInference.Probabilities([0, float.PositiveInfinity, 0, 0, 0, 0, 0, 0], 2, 3);
        foreach (int size in new[] { 8, 11 })
        {
            ushort[] labels = new ushort[size * size];
            SemanticInference.RunResized(shape, probabilities, new float[8], size, size, labels, []);
            Assert.All(labels, label => Assert.Equal(SemanticInference.NoLabel, label));
        }
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        SemanticShape shape = new(1, 7, 2, 2, 8, 8, 8, 8);
        Assert.ThrowsAny<OperationCanceledException>(
            () => SemanticInference.Run(shape, new float[7], new float[4], new ushort[64], [], 1, new CancellationToken(true)));
    }

    [Fact]
    public void Run_LabelsTooShort_IsRefused()
    {
        SemanticShape shape = new(1, 7, 2, 2, 8, 8, 8, 8);
        Assert.Throws<ArgumentException>(() => SemanticInference.Run(shape, new float[7], new float[4], new ushort[63], []));
    }

    [Fact]
    public void Probabilities_AreASoftmaxWithoutItsLastColumn()
    {
        float[] found = SemanticInference.Probabilities([0, MathF.Log(2), MathF.Log(5), 1000, 0, 0], 2, 2);
        Near.All([0.125, 0.25, 1, 0], found, 1e-6);
    }

    private static void CheckLabels(double[] scores, ushort[] labels, int classes)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            double best = Enumerable.Range(0, classes).Max(k => scores[(k * labels.Length) + i]);
            Assert.True(scores[(labels[i] * labels.Length) + i] >= best - 1e-5, $"pixel {i}");
        }
    }

    private static double[] Resize(double[] planes, int count, int height, int width, int newHeight, int newWidth)
    {
        double[] result = new double[count * newHeight * newWidth];
        for (int i = 0; i < result.Length; i++)
        {
            (int plane, int y, int x) = (i / newWidth / newHeight, i / newWidth % newHeight, i % newWidth);
            double sourceY = Math.Max(0, ((y + 0.5) * height / newHeight) - 0.5);
            double sourceX = Math.Max(0, ((x + 0.5) * width / newWidth) - 0.5);
            for (int corner = 0; corner < 4; corner++)
            {
                int row = (int)sourceY + (corner >> 1);
                int column = (int)sourceX + (corner & 1);
                double weight = (1 - Math.Abs(sourceY - row)) * (1 - Math.Abs(sourceX - column));
                result[i] += weight * planes[(((plane * height) + Math.Min(row, height - 1)) * width) + Math.Min(column, width - 1)];
            }
        }

        return result;
    }

    private sealed class Problem(SemanticShape shape)
    {
        public float[] Masks { get; } = Pinned.Normal(shape.Queries * shape.MaskHeight * shape.MaskWidth, 31, 6).Values;

        public float[] Probabilities { get; } =
            SemanticInference.Probabilities(Pinned.Normal(shape.Queries * (shape.Classes + 1), 32).Values, shape.Queries, shape.Classes);

        public double[] Scores()
        {
            double[] upsampled =
                Resize([.. Masks.Select(m => (double)m)], shape.Queries, shape.MaskHeight, shape.MaskWidth, shape.PaddedHeight, shape.PaddedWidth);
            double[] scores = new double[shape.Classes * shape.CropHeight * shape.CropWidth];
            for (int i = 0; i < scores.Length; i++)
            {
                (int k, int y, int x) = (i / shape.CropWidth / shape.CropHeight, i / shape.CropWidth % shape.CropHeight, i % shape.CropWidth);
                for (int q = 0; q < shape.Queries; q++)
                {
                    double logit = upsampled[(((q * shape.PaddedHeight) + y) * shape.PaddedWidth) + x];
                    scores[i] += Probabilities[(q * shape.Classes) + k] / (1 + Math.Exp(-logit));
                }
            }

            return scores;
        }
    }
}
