using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class CudaPointSampleTests
{
    [NvrtcTheory]
    [InlineData(2, 3, 17, 23, 300)]
    [InlineData(1, 20, 8, 8, 70)]
    [InlineData(1, 1, 1, 1, 40)]
    [InlineData(3, 2, 5, 64, 1)]
    public void ForwardAndBackward_GiveTheTwinsBits(int images, int channels, int height, int width, int count)
    {
        PointSampleShape shape = new(images, channels, height, width, count);
        Pinned<float> input = Pinned.Normal((int)shape.Inputs, 1);
        Pinned<float> points = Pinned.Uniform(2 * images * count, 2, -0.1, 1.1);
        Pinned<float> dOutput = Pinned.Normal((int)shape.Outputs, 3);
        Pinned<float> output = new((int)shape.Outputs);
        Pinned<float> dInput = Pinned.Dirty((int)shape.Inputs);
        PointSample.Forward(shape, input.Span, points.Span, output.Span, 0, images * channels);
        PointSample.Backward(shape, dOutput.Span, points.Span, dInput.Span, 0, images * channels);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            using DeviceBuffer<float> p = gpu.Upload<float>(points.Values);
            using DeviceBuffer<float> x = gpu.Upload<float>(input.Values);
            using DeviceBuffer<float> y = gpu.Upload<float>(dOutput.Values);
            using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(images * (shape.Cells + 1));
            using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>((long)images * count);
            CudaPointSample.Backward(gpu.Kernels, gpu.Stream, shape, y.Span, p.Span, x.Span, first.Span, order.Span);
            Assert.Equal(dInput.Values, gpu.Download(x));
            gpu.Stream.Upload<float>(input.Values, x.Span);
            CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, x.Span, p.Span, y.Span);
            Assert.Equal(output.Values, gpu.Download(y));
        }
    }

    [NvrtcFact]
    public void Forward_OfBytes_GivesTheTwinsBits()
    {
        PointSampleShape shape = new(1, 2, 9, 11, 100);
        byte[] bytes = [.. Enumerable.Range(0, (int)shape.Inputs).Select(i => (byte)(i * 37))];
        Pinned<byte> input = new(bytes);
        Pinned<float> points = Pinned.Uniform(200, 2);
        Pinned<float> output = new(200);
        PointSample.Forward(shape, input.Span, points.Span, output.Span, 0, 2);
        using EmulatedGpu gpu = new();
        using DeviceBuffer<byte> x = gpu.Upload<byte>(bytes);
        using DeviceBuffer<float> p = gpu.Upload<float>(points.Values);
        using DeviceBuffer<float> y = gpu.Context.Allocate<float>(200);
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, x.Span, p.Span, y.Span);
        Assert.Equal(output.Values, gpu.Download(y));
    }
}
