using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Random pixels of components on a GPU; kernels/component_points.cu.</summary>
public static class CudaComponentPoints
{
    /// <summary>Most points a component: two for each lane of a warp.</summary>
    public const int MostPoints = 64;

    private const int ComponentsPerBlock = 4;

    /// <summary>Draws points for the components of one labelled image.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of the labelling.</param>
    /// <param name="components">The labelled batch.</param>
    /// <param name="map">Index of the image in the batch.</param>
    /// <param name="rows">Components of the image, as its table tells.</param>
    /// <param name="count">k, 0..64.</param>
    /// <param name="seed">Key of the generator.</param>
    /// <param name="image">Number of the image within the seed.</param>
    /// <param name="points">(x, y) in pixels, [rows, k, 2]; zeros for components without points.</param>
    /// <param name="counts">[rows]: k or 0.</param>
    /// <param name="erosion">Odd side of a window that has to lie inside the component; 1 = none.</param>
    public static void Run(CudaKernels kernels, CudaStream stream, CudaConnectedComponents components, int map,
        int rows, int count, ulong seed, uint image, DeviceSpan<float> points, DeviceSpan<int> counts, int erosion = 1)
    {
        KernelCheck.That(count is >= 0 and <= MostPoints, "component points", $"{count} points a component, 0 to {MostPoints} are possible");
        KernelCheck.That(erosion >= 1 && erosion % 2 == 1, "component points", $"the erosion window's side is {erosion}, it must be odd");
        KernelCheck.Length(points.Length, 2L * rows * count, "points", "components·k·2");
        KernelCheck.Length(counts.Length, rows, "counts", "components");
        KernelArguments arguments = default;
        components.AddImage(ref arguments, map, rows);
        arguments.Add(count);
        arguments.Add(seed);
        arguments.Add(image);
        arguments.Add(erosion / 2);
        arguments.Add(points);
        arguments.Add(counts);
        stream.Launch(kernels["component_points.cu", "component_points"], Plan(rows), ref arguments);
    }

    /// <summary>Sizes of the launch.</summary>
    public static LaunchPlan Plan(int rows) => new(LaunchPlan.Cover(rows, ComponentsPerBlock), 32 * ComponentsPerBlock);
}
