using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class MatchingCostKernelTests
{
    private static readonly MatchingShape Small = new(1, 11, 21, 6, 12, 10, 40, 36, 300);

    [NvrtcTheory]
    [InlineData(new[] { 2, 5, 3, 4, 12, 10, 24, 20, 300 }, 1)]
    [InlineData(new[] { 1, 9, 23, 20, 16, 16, 32, 32, 256 }, 2)]
    [InlineData(new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 0)]
    [InlineData(new[] { 2, 3, 41, 7, 5, 33, 20, 33, 70 }, 20)]
    public void Run_AnySchedule_GivesTheTwinsBits(int[] sizes, int padding)
    {
        MatchingCase problem = new(MatchingCostTests.Shape(sizes), padding: padding);
        float[] expected = problem.Twin();
        Near.All(MatchingCostOracle.Cost(problem), expected, 1e-5);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            Assert.Equal(expected, Run(gpu, problem));
        }
    }

    [NvrtcFact]
    public void Run_LogitsOfAHundred_GivesTheTwinsBits()
    {
        MatchingCase problem = new(Small, logitScale: 100);
        using EmulatedGpu gpu = new();
        float[] found = Run(gpu, problem);
        Assert.All(found, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(problem.Twin(), found);
    }

    // Neighbouring points share sectors; the count sees each of a sample's four taps, and the rounding to whole sectors.
    [NvrtcFact]
    public void Run_PointsInRasterOrder_MovesNoMoreThanTheCardSays()
    {
        MatchingCase problem = new(new MatchingShape(1, 16, 20, 20, 32, 32, 64, 64, 1024));
        for (int p = 0; p < 1024; p++)
        {
            (problem.Points.Values[2 * p], problem.Points.Values[(2 * p) + 1]) = (((p % 32) + 0.6f) / 32, ((p / 32) + 0.6f) / 32);
        }

        using EmulatedGpu gpu = new();
        Assert.Equal(problem.Twin(), Run(gpu, problem));
        MatchingShape s = problem.Shape;
        double sums = 4.0 * CudaMatchingCost.ScratchFloats(s);
        double planes = (s.Queries * Math.Min(4.0 * s.Height * s.Width, 128.0 * s.Points))
            + (s.Targets * Math.Min(1.0 * s.MaskHeight * s.MaskWidth, 128.0 * s.Points));
        double minimum = planes + (8.0 * s.Points) + (2 * sums);
        double taps = 4 * planes;
        double counted = gpu.Count("matching_sums").SectorBytes + gpu.Count("matching_cost").SectorBytes;
        Assert.True(counted > minimum, $"{counted} bytes counted, {minimum} on the card");
        Assert.True(gpu.Count("matching_sums").LoadSectors * 32 < 1.3 * (taps + (8.0 * s.Points)),
            $"{gpu.Count("matching_sums").LoadSectors * 32} bytes loaded for {taps}");
        Assert.True(gpu.Count("matching_sums").BankPasses < 1.05 * gpu.Count("matching_sums").SharedRequests,
            $"{gpu.Count("matching_sums").BankPasses} bank passes for {gpu.Count("matching_sums").SharedRequests} requests");
    }

    [NvrtcTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_WithoutABarrier_IsCaught(int barrier)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { DetectRaces = true }, ptx => PtxEdit.Replace(ptx, "matching_sums", @"bar\.sync\s+0;", "", barrier));
        Assert.ThrowsAny<Exception>(() => Run(gpu, new MatchingCase(Small)));
        Assert.Equal(barrier < 2 ? FaultKind.Race : FaultKind.Uninitialised, gpu.State.LastFault?.Kind);
    }

    [NvrtcFact]
    public void Run_BoundShifted_IsCaught()
    {
        // Threads behind the last point of the last chunk take part.
        using EmulatedGpu gpu =
            new(mutate: ptx => PtxEdit.Replace(ptx, "matching_sums", @"setp\.(l|g)(t|e)\.s32\s+(%p\d+), (%r\d+), (%r\d+);", "setp.$1$2.s32 $3, 0, 1;"));
        Assert.ThrowsAny<Exception>(() => Assert.Equal(new MatchingCase(Small).Twin(), Run(gpu, new MatchingCase(Small))));
    }

    [NvrtcFact]
    public void Run_LengthsThatDiffer_AreRefusedBeforeTheLaunch()
    {
        MatchingCase problem = new(Small);
        using EmulatedGpu gpu = new();
        Assert.Throws<ArgumentException>(() => Run(gpu, problem, scratchFloats: 5));
    }

    private static float[] Run(EmulatedGpu gpu, MatchingCase problem, long? scratchFloats = null)
    {
        using DeviceBuffer<float> classLogits = gpu.Upload<float>(problem.ClassLogits.Values);
        using DeviceBuffer<float> maskLogits = gpu.Upload<float>(problem.MaskLogits.Values);
        using DeviceBuffer<long> labels = gpu.Upload<long>(problem.Labels.Values);
        using DeviceBuffer<byte> masks = gpu.Upload<byte>(problem.Masks.Values);
        using DeviceBuffer<float> valid = gpu.Upload<float>(problem.Valid.Values);
        using DeviceBuffer<float> points = gpu.Upload<float>(problem.Points.Values);
        using DeviceBuffer<float> scratch = gpu.Context.Allocate<float>(scratchFloats ?? CudaMatchingCost.ScratchFloats(problem.Shape));
        using DeviceBuffer<float> cost = gpu.Context.Allocate<float>(problem.Shape.Costs);
        DeviceMatching inputs = new()
        {
            ClassLogits = classLogits.Span,
            MaskLogits = maskLogits.Span,
            Labels = labels.Span,
            Masks = masks.Span,
            Valid = valid.Span,
            Points = points.Span,
        };
        CudaMatchingCost.Run(gpu.Kernels, gpu.Stream, problem.Shape, MatchingCase.Weights, inputs, scratch.Span, cost.Span);
        return gpu.Download(cost);
    }
}
