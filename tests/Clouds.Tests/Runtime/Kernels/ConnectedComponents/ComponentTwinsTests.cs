using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>The kernels of pseudo-label refinement on the emulated GPU against the processor's: the same table, labels and points, bit for bit.</summary>
[Kind(TestKind.Emulated)]
public sealed class ComponentTwinsTests
{
    private const int Height = 66;
    private const int Width = 300;

    [NvrtcTheory]
    [InlineData("street", false, 40)]
    [InlineData("street", true, 0)]
    [InlineData("speckle", true, 3)]
    [InlineData("spiral", false, 0)]
    [InlineData("60", false, 0)]
    public void Components_OnTheGpuAndOnTheProcessor_AreTheSame(string kind, bool eight, int largerThan)
    {
        byte[] map = ClassMaps.Make(kind, Height, Width);
        ComponentRule rule = new(eight ? Connectivity.Eight : Connectivity.Four, largerThan, [3]);
        using ConnectedComponents twin = new();
        int[] twinLabels = new int[map.Length];
        Component[] table = twin.Run(map, Height, Width, rule, twinLabels).ToArray();
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = 11 });
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, Height, Width, rule);
        components.Run(gpu.Stream, classes.Span, labels.Span);
        Assert.NotEmpty(table);
        Assert.Equal(table, components.Read(gpu.Stream)[0]);
        Assert.Equal(twinLabels, gpu.Download(labels));
    }

    [NvrtcTheory]
    [InlineData("street", 5, 1)]
    [InlineData("speckle", 4, 3)]
    [InlineData("60", 7, 1)]
    public void Points_OnTheGpuAndOnTheProcessor_AreTheSame(string kind, int count, int erosion)
    {
        byte[] map = ClassMaps.Make(kind, Height, Width);
        ComponentRule rule = new();
        using ConnectedComponents twin = new();
        int rows = twin.RunKeepingPixels(map, Height, Width, rule).Length;
        float[] twinPoints = new float[2 * rows * count];
        int[] twinCounts = new int[rows];
        ComponentPoints.Run(twin, count, 77, 3, twinPoints, twinCounts, erosion);
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = 4 });
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, Height, Width, rule);
        components.Run(gpu.Stream, classes.Span);
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(2L * rows * count);
        using DeviceBuffer<int> counts = gpu.Context.Allocate<int>(rows);
        Assert.Equal(rows, components.Read(gpu.Stream)[0].Length);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, components, 0, rows, count, 77, 3, points.Span, counts.Span, erosion);
        Assert.Equal(twinCounts, gpu.Download(counts));
        Assert.Equal(twinPoints, gpu.Download(points));
    }
}
