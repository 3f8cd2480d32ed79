using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public sealed class ScoreSumTests
{
    private static readonly ScoreShape Shape = new(3, 7, 11);

    // As mmsegmentation: starts 0, stride, .., the last one moved back; every place divided by the number of windows on it.
    [Theory]
    [InlineData(2048, 768, 512, new[] { 0, 512, 1024, 1280 })]
    [InlineData(1024, 768, 512, new[] { 0, 256 })]
    [InlineData(1024, 512, 512, new[] { 0, 512 })]
    [InlineData(10, 4, 3, new[] { 0, 3, 6 })]
    [InlineData(11, 4, 3, new[] { 0, 3, 6, 7 })]
    [InlineData(500, 768, 512, new[] { 0 })]
    [InlineData(768, 768, 512, new[] { 0 })]
    [InlineData(768, 0, 0, new[] { 0 })]
    public void WindowAxis_Windows_LieAsInSlideInference(int length, int window, int stride, int[] starts)
    {
        WindowAxis axis = new(length, window, stride);
        Assert.Equal(starts, axis.Windows.Select(span => span.Start));
        Assert.All(axis.Windows, span => Assert.Equal(window == 0 ? length : Math.Min(window, length), span.Length));
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(1f / axis.Windows.Count(span => i >= span.Start && i < span.Start + span.Length), axis.Weight[i]);
        }
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public void Add_Windows_IsTheMeanWhereTheyOverlap(bool mirrored, int threads)
    {
        WindowAxis rows = new(7, 4, 3), columns = new(11, 5, 4);
        float[] sum = new float[3 * 7 * 11];
        double[] plain = new double[sum.Length];
        int[] count = new int[7 * 11];
        int seed = 0;
        foreach (WindowSpan row in rows.Windows)
        {
            foreach (WindowSpan column in columns.Windows)
            {
                float[] scores = Noise(3 * row.Length * column.Length, seed++);
                ScoreSum.Add(sum, Shape, scores, row, column, mirrored, threads);
                for (int i = 0; i < scores.Length; i++)
                {
                    int x = column.Start + (i % column.Length), y = row.Start + (i / column.Length % row.Length), k = i / column.Length / row.Length;
                    int to = (y * 11) + (mirrored ? 10 - x : x);
                    plain[(k * 77) + to] += scores[i];
                    count[to] += k == 0 ? 1 : 0;
                }
            }
        }

        // A sum of at most four floats below 1: four roundings of 6e-8.
        Assert.All(sum.Select((value, i) => Math.Abs(value - (plain[i] / count[i % 77]))), error => Assert.InRange(error, 0, 3e-7));
        Assert.Contains(count, overlaps => overlaps == 4);
    }

    [Theory]
    [InlineData(5, 17, false)]
    [InlineData(13, 6, true)]
    [InlineData(7, 11, false)]
    [InlineData(1, 1, true)]
    public void AddResized_OtherSize_IsBilinearBetweenPixelCentres(int height, int width, bool mirrored)
    {
        float[] scores = Noise(3 * height * width, 5), sum = Noise(3 * 77, 6);
        float[] before = [.. sum];
        ScoreSum.AddResized(sum, Shape, scores, new ScoreShape(3, height, width), mirrored);
        for (int i = 0; i < sum.Length; i++)
        {
            int x = i % 11, y = i / 11 % 7;
            double u = ((mirrored ? 10 - x : x) + 0.5) * width / 11 - 0.5, v = ((y + 0.5) * height / 7) - 0.5;
            // Five roundings of numbers below 2.
            double wanted = before[i] + At(i / 77, Math.Clamp(u, 0, width - 1), Math.Clamp(v, 0, height - 1));
            Assert.InRange(Math.Abs(wanted - sum[i]), 0, 6e-7);
        }

        double At(int k, double u, double v)
        {
            (int left, int top) = ((int)u, (int)v);
            (int right, int bottom) = (Math.Min(left + 1, width - 1), Math.Min(top + 1, height - 1));
            double Row(int line) => ((1 - (u - left)) * scores[(((k * height) + line) * width) + left])
                + ((u - left) * scores[(((k * height) + line) * width) + right]);
            return ((1 - (v - top)) * Row(top)) + ((v - top) * Row(bottom));
        }
    }

    [Fact]
    public void Labels_Sums_TakeTheLargestAndTheLowestOfEquals()
    {
        float[] sum = [1, 0, -5, float.NaN, 3, 0, -6, float.NaN, 3, 0, -4, float.NaN];
        ushort[] labels = new ushort[4];
        ScoreSum.Labels(sum, new ScoreShape(3, 2, 2), labels);
        Assert.Equal(new ushort[] { 1, 0, 2, SemanticInference.NoLabel }, labels);
    }

    [Fact]
    public void Add_ListTooShort_IsRefused()
    {
        WindowAxis rows = new(7), columns = new(11);
        Assert.Throws<ArgumentOutOfRangeException>(() => ScoreSum.Add(new float[230], Shape, new float[231], rows.Windows[0], columns.Windows[0], false));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScoreSum.Add(new float[231], Shape, new float[230], rows.Windows[0], columns.Windows[0], false));
    }

    private static float[] Noise(int count, int seed)
    {
        RandomStream random = new((ulong)seed, "scores");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
    }
}
