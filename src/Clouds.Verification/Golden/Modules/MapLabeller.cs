using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Components of one label map after another, and points in those of the last, on the processor or with the kernels of a GPU. Dispose it.</summary>
internal sealed class MapLabeller(Device device) : IDisposable
{
    private readonly ConnectedComponents _here = new();
    private CudaConnectedComponents? _there;

    /// <summary>The last map's components in canonical order.</summary>
    public Component[] Table { get; private set; } = [];

    /// <summary>Row of the table that each pixel belongs to; -1 for none.</summary>
    public int[] Labels { get; private set; } = [];

    /// <summary>Labels a map [height, width].</summary>
    public void Run(byte[] classes, int height, int width, ComponentRule rule)
    {
        if (device.Gpu is Gpu gpu)
        {
            RunOn(gpu, classes, height, width, rule);
            return;
        }

        Labels = new int[classes.Length];
        Table = _here.Run(classes, height, width, rule, Labels).ToArray();
    }

    /// <summary>(x, y) of random pixels of each component, [components, count, 2]; zeros for components that are too small.</summary>
    public float[] Points(int count, ulong seed, int erosion)
    {
        float[] points = new float[Table.Length * count * 2];
        if (device.Gpu is not Gpu gpu)
        {
            ComponentPoints.Run(_here, count, seed, 0, points, new int[Table.Length], erosion);
            return points;
        }

        using DeviceCopy<float> found = new(gpu, points);
        using DeviceCopy<int> counts = new(gpu, new int[Table.Length]);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, _there!, 0, Table.Length, count, seed, 0, found.Span, counts.Span, erosion);
        return found.Fetch();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _here.Dispose();
        _there?.Dispose();
    }

    private void RunOn(Gpu gpu, byte[] classes, int height, int width, ComponentRule rule)
    {
        _there?.Dispose();
        _there = null;
        _there = new CudaConnectedComponents(gpu.Kernels, gpu.Stream, 1, height, width, rule);
        using DeviceCopy<byte> map = new(gpu, classes);
        using DeviceCopy<int> labels = new(gpu, new int[classes.Length]);
        _there.Run(gpu.Stream, map.Span, labels.Span);
        Table = _there.Read(gpu.Stream)[0];
        Labels = labels.Fetch();
    }
}
