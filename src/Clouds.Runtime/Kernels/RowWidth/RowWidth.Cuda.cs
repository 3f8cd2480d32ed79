using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

public static partial class RowWidth
{
    private const int ElementsPerBlock = 1024;

    /// <summary>Copies on the GPU; kernels/row_width.cu.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="source">[rows, <paramref name="sourceWidth"/>].</param>
    /// <param name="sourceWidth">Floats a row, at least 1.</param>
    /// <param name="target">[rows, <paramref name="targetWidth"/>], overwritten.</param>
    /// <param name="targetWidth">Floats a row, at least 1.</param>
    public static void Run(CudaKernels kernels, CudaStream stream, DeviceSpan<float> source, int sourceWidth, DeviceSpan<float> target, int targetWidth)
    {
        Check(source.Length, sourceWidth, target.Length, targetWidth);
        KernelArguments arguments = default;
        arguments.Add(source);
        arguments.Add((uint)sourceWidth);
        arguments.Add(target);
        arguments.Add((uint)targetWidth);
        arguments.Add(target.Length);
        stream.Launch(kernels["row_width.cu", "row_width"], Plan(target.Length), ref arguments);
    }

    /// <summary>Sizes of the launch for a length of the target.</summary>
    public static LaunchPlan Plan(long length) => new(LaunchPlan.Cover(length, ElementsPerBlock), 256);
}
