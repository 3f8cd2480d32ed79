using Clouds.Emulator;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class UniformDrawsKernelTests
{
    [NvrtcTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_SegmentsOfAnyPlaceAndLength_GiveTheTwinsBitsAndLeaveTheRest(int seed)
    {
        KernelProblem problem = UniformDrawsProblem.Make(ProblemSize.Small, (ulong)seed);
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = (ulong)seed, DetectRaces = true });
        using KernelRun run = problem.OnGpu(gpu.Gpu);
        run.Launch();
        Assert.Null(KernelOutput.Difference(problem.OnCpu(threads: 1), run.Read(), "processor", "GPU"));
    }

    [NvrtcFact]
    public void Run_TwiceWithMoreSegments_DrawsBoth()
    {
        using EmulatedGpu gpu = new();
        using CudaUniformDraws draws = new(gpu.Kernels, gpu.Stream);
        using DeviceBuffer<float> memory = gpu.Context.Allocate<float>(12);
        StreamKey key = new RandomStream(1, "a").Key;
        ulong first = memory.Span.Address;
        draws.Run(gpu.Stream, [new(first, 4, 0, key)]);
        draws.Run(gpu.Stream, [new(first + 16, 4, 4, key), new(first + 32, 4, 8, key)]);
        float[] expected = new float[12];
        new RandomStream(key).Fill(expected);
        Assert.Equal(expected, gpu.Download(memory));
    }

    [NvrtcFact]
    public void Run_TargetBetweenTwoFloats_IsRefusedBeforeTheLaunch()
    {
        using EmulatedGpu gpu = new();
        using CudaUniformDraws draws = new(gpu.Kernels, gpu.Stream);
        using DeviceBuffer<float> memory = gpu.Context.Allocate<float>(4);
        ulong address = memory.Span.Address + 2;
        Assert.Throws<ArgumentException>(() => draws.Run(gpu.Stream, [new(address, 1, 0, default)]));
    }
}
