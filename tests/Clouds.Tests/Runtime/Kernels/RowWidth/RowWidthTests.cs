using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class RowWidthTests
{
    [Fact]
    public void Run_WiderAndNarrower_FillsWithZerosOrCuts()
    {
        float[] wide = [9, 9, 9, 9, 9, 9];
        RowWidth.Run([1, 2, 3, 4], 2, wide, 3);
        Assert.Equal([1, 2, 0, 3, 4, 0], wide);
        float[] narrow = new float[2];
        RowWidth.Run(wide, 3, narrow, 1);
        Assert.Equal([1, 3], narrow);
    }

    [NvrtcTheory]
    [InlineData(1, 3, 8)]
    [InlineData(700, 5, 8)]
    [InlineData(41, 64, 50)]
    [InlineData(0, 3, 8)]
    public void Run_OnTheGpu_GivesTheTwinsBits(int rows, int from, int to)
    {
        float[] source = Pinned.Normal(rows * from, 1).Values;
        float[] expected = new float[rows * to];
        RowWidth.Run(source, from, expected, to);
        using EmulatedGpu gpu = new(new() { DetectRaces = true });
        using DeviceBuffer<float> s = gpu.Upload<float>(source);
        using DeviceBuffer<float> t = gpu.Context.Allocate<float>(expected.Length);
        RowWidth.Run(gpu.Kernels, gpu.Stream, s.Span, from, t.Span, to);
        Assert.Equal(expected, gpu.Download(t));
    }

    [Fact]
    public void Run_LengthsThatDoNotFit_IsRefused()
        => Assert.Throws<ArgumentException>(() => RowWidth.Run(new float[6], 4, new float[8], 8));
}
