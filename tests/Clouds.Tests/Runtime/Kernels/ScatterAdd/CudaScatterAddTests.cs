using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class CudaScatterAddTests
{
    [NvrtcTheory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 500, 30, 12)]
    [InlineData(1, 300, 1100, 3)]
    [InlineData(3, 70, 2, 160)]
    [InlineData(1, 90, 7, 130)]
    public void Run_AnySchedule_GivesTheTwinsBits(int blocks, int updates, int rows, int width)
    {
        ScatterAddShape shape = new(blocks, updates, rows, width);
        Pinned<float> terms = Pinned.Normal((int)shape.Terms, 1);
        long[] indices = [.. ScatterAddProblem.Words(blocks * updates, rows, 2).Select((row, i) => i % 3 == 0 ? row - rows : row)];
        Pinned<float> expected = new((int)shape.Sums);
        ScatterAdd.Add(shape, terms.Span, new Pinned<long>(indices).Span, expected.Span, 0, ScatterAdd.Units(shape));
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            Assert.Equal(expected.Values, OnGpu(gpu, shape, terms.Values, indices));
        }
    }

    [NvrtcFact]
    public void Run_IndicesOfNoRow_AreLeftOut()
    {
        using EmulatedGpu gpu = new();
        Assert.Equal([8, 0, 2], OnGpu(gpu, new ScatterAddShape(1, 5, 3, 1), [1, 2, 4, 8, 16], [3, 2, long.MinValue, -3, long.MaxValue]));
    }

    [NvrtcTheory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(33, 5)]
    public void Sum_AnyWidth_CoversARowWithTheFewestLanes(int width, int shift)
    {
        (LaunchPlan plan, int vectors, int found) = CudaScatterAdd.Sum(new ScatterAddShape(2, 5, 1000, width), four: false);
        Assert.Equal((width, shift), (vectors, found));
        Assert.Equal(((uint)LaunchPlan.Cover(1000, 256 >> shift), LaunchPlan.Cover(width, 1 << shift), 2u), (plan.GridX, plan.GridY, plan.GridZ));
    }

    private static float[] OnGpu(EmulatedGpu gpu, ScatterAddShape shape, float[] terms, long[] indices)
    {
        using DeviceBuffer<float> updates = gpu.Upload<float>(terms);
        using DeviceBuffer<long> rows = gpu.Upload<long>(indices);
        using DeviceBuffer<float> sums = gpu.Context.Allocate<float>(shape.Sums);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Lists);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(indices.Length);
        CudaScatterAdd.Run(gpu.Kernels, gpu.Stream, shape, updates.Span, rows.Span, sums.Span, first.Span, order.Span);
        return gpu.Download(sums);
    }
}
