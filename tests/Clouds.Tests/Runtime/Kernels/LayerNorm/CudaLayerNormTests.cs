using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class CudaLayerNormTests
{
    private const float Epsilon = 1e-5f;

    [NvrtcTheory]
    [InlineData(1, 1)]
    [InlineData(300, 256)]
    [InlineData(130, 77)]
    [InlineData(17, 700)]
    [InlineData(5, 2100)]
    public void Backward_AnySchedule_GivesTheTwinsBits(int rows, int width)
    {
        LayerNormShape shape = new(rows, width);
        (float[] dY, float[] x) = (Pinned.Normal((int)shape.Elements, 1).Values, Pinned.Normal((int)shape.Elements, 2).Values);
        float[] scale = Pinned.Normal(width, 3).Values;
        (float[] X, float[] Scale, float[] Shift) expected = OnCpu(shape, dY, x, scale);
        for (ulong seed = 1; seed <= 8; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            (float[] X, float[] Scale, float[] Shift) found = OnGpu(gpu, shape, dY, x, scale);
            Assert.Equal(expected.X, found.X);
            Assert.Equal(expected.Scale, found.Scale);
            Assert.Equal(expected.Shift, found.Shift);
        }
    }

    [Theory]
    [InlineData(256, 272, 16, 37_888)]
    [InlineData(272, 272, 16, 38_080)]
    [InlineData(273, 304, 16, 42_188)]
    [InlineData(768, 784, 4, 34_304)]
    [InlineData(1536, 1552, 2, 43_264)]
    [InlineData(3072, 3088, 2, 86_272)]
    public void Plan_AnyWidth_TakesTheMostRowsThatFit(int width, int pitch, int tile, int bytes)
    {
        (LaunchPlan rows, LaunchPlan sum, int foundPitch, int foundTile) = CudaLayerNorm.Plan(new LayerNormShape(129, width));
        Assert.Equal((pitch, tile), (foundPitch, foundTile));
        Assert.Equal((2u, (uint)(16 * tile), (uint)bytes), (rows.GridX, rows.BlockX, rows.SharedBytes));
        Assert.Equal(LaunchPlan.Cover(2L * width, 64), sum.GridX);
    }

    [Fact]
    public void Backward_RowsBeyondSharedMemory_AreRefusedByName()
    {
        LayerNormShape shape = new(1, 20_000);
        DeviceSpan<float> row = new(0, shape.Width);
        using EmulatedGpu gpu = new();
        ArgumentException? refusal = null;
        try
        {
            CudaLayerNorm.Backward(gpu.Kernels, gpu.Stream, shape, row, row, row,
                new DeviceNormGradients { X = row, Scale = row, Shift = row }, new DeviceSpan<float>(0, shape.PartialFloats), Epsilon);
        }
        catch (ArgumentException e)
        {
            refusal = e;
        }

        Assert.Contains("20000 channels are too many", refusal?.Message, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Backward_RowsBehindTwoToTheThirtyTwo_AreReached()
    {
        LayerNormShape shape = new((1 << 22) + 1, 1030), one = new(1, 1030);
        long before = shape.Elements - one.Width;
        Assert.True(before > 1L << 32);
        (float[] dY, float[] x, float[] scale) = (Pinned.Normal(one.Width, 1).Values, Pinned.Normal(one.Width, 2).Values, Pinned.Normal(one.Width, 3).Values);
        Dictionary<string, long> last = new() { ["layer_norm_backward"] = shape.Chunks - 1, ["layer_norm_sum"] = CudaLayerNorm.Plan(shape).Sum.GridX };
        using EmulatedGpu gpu = new(new EmulatorSettings { MemoryBytes = 1L << 39, FirstBlocks = last });
        using DeviceBuffer<float> dy = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> values = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> weights = gpu.Upload<float>(scale);
        using DeviceBuffer<float> dx = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> sums = gpu.Context.Allocate<float>(2 * one.Width);
        using DeviceBuffer<float> partials = gpu.Context.Allocate<float>(shape.PartialFloats);
        gpu.Stream.Upload<float>(dY, dy.Span.Slice(before, one.Width));
        gpu.Stream.Upload<float>(x, values.Span.Slice(before, one.Width));
        DeviceNormGradients gradients = new() { X = dx.Span, Scale = sums.Span.Slice(0, one.Width), Shift = sums.Span.Slice(one.Width, one.Width) };
        CudaLayerNorm.Backward(gpu.Kernels, gpu.Stream, shape, dy.Span, values.Span, weights.Span, gradients, partials.Span, Epsilon);
        float[] found = new float[one.Width];
        gpu.Stream.Download(dx.Span.Slice(before, one.Width), found);
        Assert.Equal(OnCpu(one, dY, x, scale).X, found);
    }

    private static (float[] X, float[] Scale, float[] Shift) OnCpu(LayerNormShape shape, float[] dY, float[] x, float[] scale)
    {
        (Pinned<float> dX, Pinned<float> partials) = (new((int)shape.Elements), new((int)shape.PartialFloats));
        (Pinned<float> dScale, Pinned<float> dShift) = (new(shape.Width), new(shape.Width));
        LayerNorm.Backward(
            shape, new Pinned<float>(dY).Span, new Pinned<float>(x).Span, new Pinned<float>(scale).Span, dX.Span, partials.Span, Epsilon, 0, shape.Chunks);
        LayerNorm.SumPartials(shape, partials.Span, dScale.Span, dShift.Span);
        return (dX.Values, dScale.Values, dShift.Values);
    }

    private static (float[] X, float[] Scale, float[] Shift) OnGpu(EmulatedGpu gpu, LayerNormShape shape, float[] dY, float[] x, float[] scale)
    {
        using DeviceBuffer<float> dy = gpu.Upload<float>(dY);
        using DeviceBuffer<float> values = gpu.Upload<float>(x);
        using DeviceBuffer<float> weights = gpu.Upload<float>(scale);
        using DeviceBuffer<float> dx = gpu.Context.Allocate<float>(shape.Elements);
        using DeviceBuffer<float> dScale = gpu.Context.Allocate<float>(shape.Width);
        using DeviceBuffer<float> dShift = gpu.Context.Allocate<float>(shape.Width);
        using DeviceBuffer<float> partials = gpu.Context.Allocate<float>(shape.PartialFloats);
        CudaLayerNorm.Backward(gpu.Kernels, gpu.Stream, shape, dy.Span, values.Span, weights.Span,
            new DeviceNormGradients { X = dx.Span, Scale = dScale.Span, Shift = dShift.Span }, partials.Span, Epsilon);
        return (gpu.Download(dx), gpu.Download(dScale), gpu.Download(dShift));
    }
}
