using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class SemanticInferenceKernelTests
{
    [NvrtcTheory]
    [InlineData(7, 5, 6, 9, 24, 36, 21, 33)]
    [InlineData(3, 23, 5, 40, 20, 160, 20, 150)]
    [InlineData(1, 1, 1, 1, 4, 4, 3, 4)]
    public void Run_AnySchedule_GivesTheTwinsBits(
        int queries, int classes, int maskHeight, int maskWidth, int paddedHeight, int paddedWidth, int height, int width)
    {
        SemanticShape shape = new(queries, classes, maskHeight, maskWidth, paddedHeight, paddedWidth, height, width);
        float[] probabilities = Pinned.Uniform(queries * classes, 1).Values;
        float[] masks = Pinned.Normal(queries * maskHeight * maskWidth, 2, 20).Values;
        ushort[] labels = new ushort[height * width];
        float[] scores = new float[classes * height * width];
        SemanticInference.Run(shape, probabilities, masks, labels, scores, threads: 1);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
            using DeviceBuffer<float> p = gpu.Upload<float>(probabilities);
            using DeviceBuffer<float> m = gpu.Upload<float>(masks);
            using DeviceBuffer<ushort> l = gpu.Context.Allocate<ushort>(labels.Length);
            using DeviceBuffer<float> s = gpu.Context.Allocate<float>(scores.Length);
            inference.Run(gpu.Stream, p.Span, m.Span, l.Span, seed % 2 == 0 ? default : s.Span);
            Assert.Equal(labels, gpu.Download(l));
            if (seed % 2 != 0)
            {
                Assert.Equal(scores, gpu.Download(s));
            }
        }
    }

    [NvrtcTheory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Run_LogitsThatAreNotFinite_GiveTheTwinsLabelsAndNoneAroundThem(float logit)
    {
        SemanticShape shape = new(3, 23, 5, 9, 20, 36, 19, 33);
        ResizedShape resized = new(23, 19, 33, 38, 66);
        float[] probabilities = Pinned.Uniform(3 * 23, 1).Values;
        float[] masks = Pinned.Normal(3 * 5 * 9, 2, 20).Values;
        masks[(2 * 9) + 4] = logit;
        ushort[] labels = new ushort[19 * 33];
        ushort[] larger = new ushort[38 * 66];
        SemanticInference.Run(shape, probabilities, masks, labels, []);
        SemanticInference.RunResized(shape, probabilities, masks, 38, 66, larger, []);
        using EmulatedGpu gpu = new();
        using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
        using CudaResizedLabels second = new(gpu.Kernels, gpu.Stream, resized);
        using DeviceBuffer<float> p = gpu.Upload<float>(probabilities);
        using DeviceBuffer<float> m = gpu.Upload<float>(masks);
        using DeviceBuffer<ushort> l = gpu.Context.Allocate<ushort>(labels.Length);
        using DeviceBuffer<float> s = gpu.Context.Allocate<float>(23 * labels.Length);
        using DeviceBuffer<ushort> r = gpu.Context.Allocate<ushort>(larger.Length);
        inference.Run(gpu.Stream, p.Span, m.Span, l.Span, s.Span);
        second.Run(gpu.Stream, s.Span, r.Span);
        Assert.Contains(SemanticInference.NoLabel, labels);
        Assert.Equal(labels, gpu.Download(l));
        Assert.Equal(larger, gpu.Download(r));
    }
}
