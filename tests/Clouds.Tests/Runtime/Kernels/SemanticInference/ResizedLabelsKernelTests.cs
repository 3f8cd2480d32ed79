using Clouds.Emulator;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class ResizedLabelsKernelTests
{
    [NvrtcTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Run_LargerAndSmaller_GivesTheTwinsBits(int seed)
    {
        KernelProblem problem = ResizedLabelsProblem.Make(ProblemSize.Small, (ulong)seed);
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = (ulong)seed, DetectRaces = true });
        using KernelRun run = problem.OnGpu(gpu.Gpu);
        run.Launch();
        Assert.Null(KernelOutput.Difference(problem.OnCpu(threads: 1), run.Read(), "processor", "GPU"));
    }

    [NvrtcFact]
    public void Shape_WithoutAClassOrARow_IsRefused()
    {
        using EmulatedGpu gpu = new();
        Assert.Throws<ArgumentException>(() => new CudaResizedLabels(gpu.Kernels, gpu.Stream, new ResizedShape(0, 2, 2, 4, 4)));
        Assert.Throws<ArgumentException>(() => new CudaResizedLabels(gpu.Kernels, gpu.Stream, new ResizedShape(3, 2, 2, 70_000, 4)));
    }
}
