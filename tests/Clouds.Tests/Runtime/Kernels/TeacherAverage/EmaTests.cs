using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class EmaTests
{
    [NvrtcTheory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(4096)]
    [InlineData(100_003)]
    public void Run_AnySchedule_GivesTheTwinsBits(int length)
    {
        Pinned<float> teacher = Pinned.Normal(length, 1);
        Pinned<float> student = Pinned.Normal(length, 2);
        float[] before = [.. teacher.Values];
        TeacherAverage.Run(teacher.Span, student.Span, 0.999, threads: 1);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = length < 5000 });
            using DeviceBuffer<float> t = gpu.Upload<float>(before);
            using DeviceBuffer<float> s = gpu.Upload<float>(student.Values);
            TeacherAverage.Run(gpu.Kernels, gpu.Stream, t.Span, s.Span, 0.999);
            Assert.Equal(teacher.Values, gpu.Download(t));
        }
    }

    [NvrtcFact]
    public void Run_MovesTwelveBytesAParameter()
    {
        const int Length = 1 << 20;
        using EmulatedGpu gpu = new();
        using DeviceBuffer<float> t = gpu.Upload<float>(new float[Length]);
        using DeviceBuffer<float> s = gpu.Upload<float>(new float[Length]);
        TeacherAverage.Run(gpu.Kernels, gpu.Stream, t.Span, s.Span, 0.5);
        gpu.Stream.Synchronise();
        Assert.Equal(12.0 * Length, gpu.Count("ema").SectorBytes);
    }

    [NvrtcFact]
    public void Run_MoreThanTwoToTheThirtyTwoFloats_ReachesTheLast()
    {
        // Only the last block runs: the emulator's memory takes room where it is touched, so 2 x 16 GiB of addresses cost two pages.
        const long Length = (1L << 32) + 5;
        EmulatorSettings settings =
            new() { FirstBlocks = new Dictionary<string, long> { ["ema"] = TeacherAverage.Plan(Length).GridX - 1 }, MemoryBytes = 1L << 37 };
        using EmulatedGpu gpu = new(settings);
        using DeviceBuffer<float> t = gpu.Context.Allocate<float>(Length);
        using DeviceBuffer<float> s = gpu.Context.Allocate<float>(Length);
        gpu.Stream.Upload<float>([1, 2, 3, 4, 5], t.Span.Slice(Length - 5, 5));
        gpu.Stream.Upload<float>([3, 4, 5, 6, 7], s.Span.Slice(Length - 5, 5));
        TeacherAverage.Run(gpu.Kernels, gpu.Stream, t.Span, s.Span, 0.5);
        float[] last = new float[5];
        gpu.Stream.Download<float>(t.Span.Slice(Length - 5, 5), last);
        Assert.Equal([2, 3, 4, 5, 6], last);
    }

    [NvrtcFact]
    public void Run_LengthsThatDiffer_AreRefusedBeforeTheLaunch()
    {
        using EmulatedGpu gpu = new();
        using DeviceBuffer<float> t = gpu.Upload<float>(new float[8]);
        using DeviceBuffer<float> s = gpu.Upload<float>(new float[7]);
        Assert.Throws<ArgumentException>(() => TeacherAverage.Run(gpu.Kernels, gpu.Stream, t.Span, s.Span, 0.5));
    }
}
