using Clouds.Emulator;
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
