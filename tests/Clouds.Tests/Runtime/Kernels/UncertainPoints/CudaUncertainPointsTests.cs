using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class CudaUncertainPointsTests
{
    [NvrtcTheory]
    [InlineData(3, 1000, 250)]
    [InlineData(2, 37, 37)]
    [InlineData(1, 513, 1)]
    [InlineData(1, 700, 0)]
    public void Run_AnySchedule_GivesTheTwinsBits(int rows, int count, int keep)
    {
        Pinned<float> logits = Pinned.Normal(rows * count, 1);
        Pinned<float> candidates = Pinned.Uniform(2 * rows * count, 2);
        for (int i = 0; i < logits.Values.Length; i += 3)
        {
            // Ties, zeros of both signs and NaN.
            logits.Values[i] = (i % 4) switch { 0 => 0.25f, 1 => -0.25f, 2 => -0f, _ => i % 5 == 0 ? float.NaN : 0.5f };
        }

        Pinned<float> expected = new(2 * rows * keep);
        UncertainPoints.Run(logits.Span, candidates.Span, expected.Span, rows, count, keep, 0, rows);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            using DeviceBuffer<float> l = gpu.Upload<float>(logits.Values);
            using DeviceBuffer<float> c = gpu.Upload<float>(candidates.Values);
            using DeviceBuffer<float> p = gpu.Context.Allocate<float>(2L * rows * keep);
            CudaUncertainPoints.Run(gpu.Kernels, gpu.Stream, l.Span, c.Span, p.Span, rows, count, keep);
            Assert.Equal(expected.Values, gpu.Download(p));
        }
    }
}
