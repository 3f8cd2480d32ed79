using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class CudaAssignmentTests
{
    [NvrtcTheory]
    [InlineData(3, 100, 19)]
    [InlineData(2, 19, 45)]
    [InlineData(2, 33, 33)]
    [InlineData(4, 1, 1)]
    [InlineData(1, 5, 64)]
    public void Run_AnyScheduleWithManyTies_GivesTheTwinsPairs(int batch, int queries, int targets)
    {
        AssignmentShape shape = new(batch, queries, targets);
        float[] cost = Pinned.Normal((int)shape.Costs, 1).Values;
        for (int i = 0; i < cost.Length; i++)
        {
            cost[i] = (i % 97) switch { 5 => float.NaN, 6 => float.NegativeInfinity, < 70 => MathF.Round(2 * cost[i]), _ => cost[i] };
        }

        float[] valid = [.. Pinned.Uniform((int)shape.Slots, 2).Values.Select((value, i) => i % 3 == 0 ? 1 : value)];
        (long[], long[], float[]) expected = OnCpu(shape, cost, valid);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            Equal(expected, OnGpu(gpu, shape, cost, valid));
        }
    }

    [NvrtcFact]
    public void Run_CostBeyondSharedMemory_IsReadWhereItLies()
    {
        AssignmentShape shape = new(2, 300, 200);
        float[] cost = Pinned.Normal((int)shape.Costs, 1).Values;
        float[] valid = [.. Enumerable.Range(0, (int)shape.Slots).Select(i => i % 13 == 0 ? 1f : 0)];
        using EmulatedGpu gpu = new(new EmulatorSettings { DetectRaces = true });
        Assert.False(CudaAssignment.Plan(shape, gpu.Context.MaxSharedBytes).Staged);
        Equal(OnCpu(shape, cost, valid), OnGpu(gpu, shape, cost, valid));
    }

    [NvrtcFact]
    public void Run_NoTargetAtAll_WritesPadding()
    {
        AssignmentShape shape = new(1, 7, 40);
        using EmulatedGpu gpu = new();
        Equal((new long[40], new long[40], new float[40]), OnGpu(gpu, shape, Pinned.Normal(280, 1).Values, new float[40]));
    }

    [Fact]
    public void Run_SearchBeyondSharedMemory_IsRefusedByName()
    {
        AssignmentShape shape = new(1, 20_000, 1);
        using EmulatedGpu gpu = new();
        Assert.Contains("20000", Assert.Throws<ArgumentException>(() => CudaAssignment.Run(
            gpu.Kernels, gpu.Stream, shape, new DeviceSpan<float>(0, shape.Costs), new DeviceSpan<float>(0, 1),
            new DeviceSpan<long>(0, 1), new DeviceSpan<long>(0, 1), new DeviceSpan<float>(0, 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 19, 10_704, 1)]
    [InlineData(100, 112, 4784, 0)]
    public void Plan_AsMuchSharedMemoryAsFits_IsAsked(int queries, int targets, int bytes, int staged)
    {
        (LaunchPlan plan, bool isStaged) = CudaAssignment.Plan(new AssignmentShape(8, queries, targets), 48 * 1024);
        Assert.Equal((8u, 32u, (uint)bytes, staged == 1), (plan.GridX, plan.BlockX, plan.SharedBytes, isStaged));
    }

    [NvrtcFact]
    public void Run_CostBehindTwoToTheThirtyTwo_IsMatched()
    {
        AssignmentShape shape = new(2_200_000, 100, 20), one = new(1, 100, 20);
        (long costs, long slots) = (shape.Costs - one.Costs, shape.Slots - one.Slots);
        Assert.True(costs > 1L << 32);
        (float[] cost, float[] valid) = (Pinned.Normal((int)one.Costs, 1).Values, Pinned.Uniform(20, 2).Values);
        Dictionary<string, long> last = new() { ["assign"] = shape.Batch - 1 };
        using EmulatedGpu gpu = new(new EmulatorSettings { MemoryBytes = 1L << 39, FirstBlocks = last });
        using DeviceBuffer<float> c = gpu.Context.Allocate<float>(shape.Costs);
        using DeviceBuffer<float> v = gpu.Context.Allocate<float>(shape.Slots);
        using DeviceBuffer<long> q = gpu.Context.Allocate<long>(shape.Slots);
        using DeviceBuffer<long> t = gpu.Context.Allocate<long>(shape.Slots);
        using DeviceBuffer<float> m = gpu.Context.Allocate<float>(shape.Slots);
        gpu.Stream.Upload<float>(cost, c.Span.Slice(costs, one.Costs));
        gpu.Stream.Upload<float>(valid, v.Span.Slice(slots, one.Slots));
        CudaAssignment.Run(gpu.Kernels, gpu.Stream, shape, c.Span, v.Span, q.Span, t.Span, m.Span);
        (long[] queries, long[] targets) = (new long[20], new long[20]);
        gpu.Stream.Download(q.Span.Slice(slots, one.Slots), queries);
        gpu.Stream.Download(t.Span.Slice(slots, one.Slots), targets);
        (long[] expectedQueries, long[] expectedTargets, _) = OnCpu(one, cost, valid);
        Assert.Equal(expectedQueries, queries);
        Assert.Equal(expectedTargets, targets);
    }

    private static void Equal((long[] Queries, long[] Targets, float[] Matched) expected, (long[] Queries, long[] Targets, float[] Matched) found)
    {
        Assert.Equal(expected.Queries, found.Queries);
        Assert.Equal(expected.Targets, found.Targets);
        Assert.Equal(expected.Matched, found.Matched);
    }

    private static (long[] Queries, long[] Targets, float[] Matched) OnCpu(AssignmentShape shape, float[] cost, float[] valid)
    {
        (Pinned<long> q, Pinned<long> t, Pinned<float> m) = (new((int)shape.Slots), new((int)shape.Slots), new((int)shape.Slots));
        Assignment.Run(shape, new Pinned<float>(cost).Span, new Pinned<float>(valid).Span, q.Span, t.Span, m.Span, 0, shape.Batch);
        return (q.Values, t.Values, m.Values);
    }

    private static (long[] Queries, long[] Targets, float[] Matched) OnGpu(EmulatedGpu gpu, AssignmentShape shape, float[] cost, float[] valid)
    {
        using DeviceBuffer<float> c = gpu.Upload<float>(cost);
        using DeviceBuffer<float> v = gpu.Upload<float>(valid);
        using DeviceBuffer<long> q = gpu.Context.Allocate<long>(shape.Slots);
        using DeviceBuffer<long> t = gpu.Context.Allocate<long>(shape.Slots);
        using DeviceBuffer<float> m = gpu.Context.Allocate<float>(shape.Slots);
        CudaAssignment.Run(gpu.Kernels, gpu.Stream, shape, c.Span, v.Span, q.Span, t.Span, m.Span);
        return (gpu.Download(q), gpu.Download(t), gpu.Download(m));
    }
}
