using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Runtime;

namespace Clouds.Tests.Native.Refinement;

/// <summary>The refiner on the emulated GPU against the processor's: the same map, classes and record, bit for bit.</summary>
[Kind(TestKind.Emulated)]
public sealed class DeviceRefinementTests
{
    [NvrtcTheory]
    [InlineData(2)]
    [InlineData(11)]
    [InlineData(20)]
    public void Refine_SeededProblems_GiveTheProcessorsResult(int from)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = (ulong)from });
        int refined = 0;
        for (int seed = from; seed < from + 9; seed++)
        {
            RefinementProblem problem = new((ulong)seed, largest: 70);
            RefinementResult here = problem.Refine(new StandInMasks(problem.Frame), threads: 2);
            RefinementResult there = problem.Refine(new StandInMasksOn(Device.KernelsOn(gpu.Gpu), problem.Frame), threads: 2);
            Assert.Equal(RefinementProblem.Told(here), RefinementProblem.Told(there));
            refined += here.IsUnrefined ? 0 : 1;
        }

        Assert.InRange(refined, 3, 9);
    }

    [NvrtcTheory]
    [InlineData(false, 5)]
    [InlineData(true, 5)]
    [InlineData(false, 50)]
    [InlineData(false, 70)]
    public void Refine_MasksThatAreMadeOnTheDevice_GiveTheSameWithoutLeavingIt(bool secondPass, int points)
    {
        using EmulatedGpu gpu = new();
        RefinementProblem problem = new(3, largest: 70)
        {
            Options = new RefinementOptions { SizeThreshold = 3, Points = points, SecondPass = secondPass, PromptsAtOnce = 3 },
        };
        RefinementResult here = problem.Refine(new StandInMasks(problem.Frame), threads: 1);
        MasksThere masks = new(gpu.Gpu, problem.Frame);
        Assert.False(here.IsUnrefined);
        Assert.Equal(RefinementProblem.Told(here), RefinementProblem.Told(problem.Refine(masks, threads: 1)));
        Assert.True(masks.CallsThere > 0);
    }

    [NvrtcFact]
    public void Refine_OneRefinerForImagesOfSeveralSizes_GivesWhatFreshOnesGive()
    {
        using EmulatedGpu gpu = new();
        RefinementProblem[] problems = [.. new ulong[] { 2, 3, 2, 5 }.Select(seed => new RefinementProblem(seed, largest: 60))];
        RefinementOptions options = new() { SizeThreshold = 2, Points = 2 };
        StandInMasksOn masks = new(Device.KernelsOn(gpu.Gpu), problems[0].Frame);
        using PseudoLabelRefiner refiner = new(masks, options);
        foreach (RefinementProblem problem in problems)
        {
            using PseudoLabelRefiner fresh = new(new StandInMasks(problems[0].Frame), options);
            Assert.Equal(
                RefinementProblem.Told(fresh.Refine(problem.Image, problem.Labels, problem.Seed, keepMasks: true)),
                RefinementProblem.Told(refiner.Refine(problem.Image, problem.Labels, problem.Seed, keepMasks: true)));
        }
    }

    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(31)]
    public void Refine_MapsOnTheDevice_AreRefinedThereAsTheRecordingRefinerDoes(int from)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = (ulong)from });
        int refined = 0;
        for (int seed = from; seed < from + 12; seed++)
        {
            RefinementBatch batch = new(new RefinementProblem((ulong)seed, largest: 70));
            using PseudoLabelRefiner refiner = batch.Open(new MasksThere(gpu.Gpu, batch.Problem.Frame));
            using DeviceBuffer<byte> maps = gpu.Upload<byte>(batch.Maps);
            using DeviceBuffer<byte> target = gpu.Upload<byte>(batch.Untouched());
            GpuLabelMaps given = new(maps.Span.Address, batch.Count, batch.Problem.Height, batch.Problem.Width);
            IReadOnlyList<RefinedMap> told = refiner.Refine(batch.Images, given, given with { Address = target.Span.Address });
            batch.AssertSame(refiner, told, gpu.Download(target));
            Assert.Equal(batch.Maps, gpu.Download(maps));
            refiner.Refine(batch.Images, given, given);
            Assert.Equal(Asked(gpu.Download(target), batch), Asked(gpu.Download(maps), batch));
            refined += told.Count(map => !map.IsUnrefined);
        }

        Assert.InRange(refined, 6, 30);
    }

    [NvrtcFact]
    public void Refine_MapsOnTheDevice_NeitherComeDownNorGoUp()
    {
        const int Side = 128, Pixels = Side * Side;
        using EmulatedGpu gpu = new();
        using PseudoLabelRefiner refiner = new(
            new MasksThere(gpu.Gpu, new MaskFrame(8, 8, 32, 32, 32, 32)), new RefinementOptions { SizeThreshold = 100, DropEmpty = false });
        byte[] quarters = [.. Enumerable.Range(0, 2 * Pixels).Select(i => (byte)(i % Pixels * 4 / Pixels))];
        using DeviceBuffer<byte> maps = gpu.Upload<byte>(quarters);
        using DeviceBuffer<byte> target = gpu.Upload<byte>(quarters);
        GpuLabelMaps given = new(maps.Span.Address, 2, Side, Side);
        BatchImage[] images = [.. Enumerable.Range(0, 2).Select(place => new BatchImage(new RgbImage(Side, Side), place, new PointSeed(1, 2, place)))];
        refiner.Refine(images, given, given with { Address = target.Span.Address });

        gpu.State.ResetCounters();
        IReadOnlyList<RefinedMap> told = refiner.Refine(images, given, given with { Address = target.Span.Address });
        Assert.All(told, map => Assert.Equal((false, 4), (map.IsUnrefined, map.Prompts)));

        // Down: of each component its row of the table, its points, its scores, its area; up: points, and what the stand-in makes of them.
        Assert.InRange(gpu.State.Counters.DownloadedBytes, 1, 2 * 1024);
        Assert.InRange(gpu.State.Counters.UploadedBytes, 1, 2 * 4096);
        Assert.NotEqual(quarters, gpu.Download(target));
    }

    [NvrtcFact]
    public void Refine_MapsOfAnotherPlaceOnTheDevice_AreRefused()
    {
        using EmulatedGpu gpu = new();
        using PseudoLabelRefiner refiner = new(new StandInMasksOn(Device.KernelsOn(gpu.Gpu), new MaskFrame(8, 8, 32, 32, 32, 32)));
        using DeviceBuffer<byte> maps = gpu.Upload<byte>(new byte[32]);
        GpuLabelMaps given = new(maps.Span.Address, 2, 4, 4);
        CloudsException failure = Assert.Throws<CloudsException>(() => refiner.Refine([new BatchImage(new RgbImage(4, 4), 2, default)], given, given));
        Assert.Equal((Failure.BadInput, "image of place 2"), (failure.Failure, failure.Where));
        Assert.Throws<ArgumentOutOfRangeException>(() => refiner.Refine([], given, given with { Count = 3 }));
    }

    private static IEnumerable<byte> Asked(byte[] maps, RefinementBatch batch) =>
        maps.Chunk(batch.Problem.Map.Length).Index().Where(plane => batch.Images.Any(image => image.Place == plane.Index)).SelectMany(plane => plane.Item);

    /// <summary>Masks that reach the refiner through device memory only.</summary>
    private sealed class MasksThere(Gpu gpu, MaskFrame frame) : StandInMasks(frame), IOnDevice, IEmbeddedOnDevice
    {
        public int CallsThere { get; private set; }

        public Device Device { get; } = Device.KernelsOn(gpu);

        public void Predict(CudaStream stream, int count, DeviceSpan<float> points, DeviceSpan<float> masks, DeviceSpan<float> logits,
            DeviceSpan<float> scores, CancellationToken cancellation)
        {
            CallsThere++;
            (float[] drawn, float[] prior) = (new float[points.Length], new float[masks.Length]);
            stream.Download(points, drawn.AsSpan());
            stream.Download(masks, prior.AsSpan());
            (float[] made, float[] scored) = (new float[logits.Length], new float[scores.Length]);
            Predict(new MaskPrompts(count, drawn, prior), made, scored, cancellation);
            stream.Upload<float>(made, logits);
            stream.Upload<float>(scored, scores);
        }
    }
}
