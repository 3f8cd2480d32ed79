using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class MaskResizeTests
{
    public static TheoryData<int, int, int, int> Images =>
        new() { { 50, 37, 64, 16 }, { 37, 50, 64, 16 }, { 200, 130, 96, 24 }, { 1, 70, 32, 8 }, { 33, 1, 32, 8 } };

    [Theory]
    [MemberData(nameof(Images))]
    public void Run_ImageOfAnyShape_EqualsThePixelByPixelEvaluationOnAnyThreads(int height, int width, int frame, int mask)
    {
        MaskGeometry geometry = MaskGeometry.Of(height, width, frame, mask);
        float[] logits = Draw(2 * geometry.MaskPixels);
        float[] values = new float[2 * geometry.Pixels];
        foreach (int threads in new[] { 1, 3 })
        {
            Array.Fill(values, float.NaN);
            MaskResize.Run(geometry, logits, values, threads);
            for (int i = 0; i < values.Length; i++)
            {
                (int plane, int pixel) = Math.DivRem(i, geometry.Pixels);
                ReadOnlySpan<float> own = logits.AsSpan(plane * geometry.MaskPixels, geometry.MaskPixels);
                Assert.Equal(MaskMergeOracle.Output(geometry, own, pixel % width, pixel / width), values[i]);
            }
        }
    }

    [Theory]
    [InlineData(768, 768, 1024, 1024)]
    [InlineData(1024, 2048, 512, 1024)]
    [InlineData(75, 100, 768, 1024)]
    [InlineData(3264, 2448, 1024, 768)]
    [InlineData(60, 41, 1024, 700)]
    [InlineData(1, 5000, 1, 1024)]
    public void Of_AnyImage_FillsTheFrameWithItsLongestSide(int height, int width, int inputHeight, int inputWidth)
    {
        MaskGeometry geometry = MaskGeometry.Of(height, width, 1024, 256);
        Assert.Equal(MaskGeometry.Sam(inputHeight, inputWidth, height, width), geometry);
    }

    [Fact]
    public void Run_ArrayOfAnotherLength_IsRefused()
    {
        MaskGeometry geometry = MaskGeometry.Of(10, 10, 16, 4);
        Assert.Throws<ArgumentException>(() => MaskResize.Run(geometry, new float[16], new float[99]));
        Assert.Throws<ArgumentException>(() => MaskResize.Run(geometry, new float[17], new float[100]));
    }

    private static float[] Draw(int count)
    {
        RandomStream random = new(3, "mask resize");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble(-2, 2))];
    }
}
