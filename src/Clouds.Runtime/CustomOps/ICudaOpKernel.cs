using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.CustomOps;

/// <summary>A node's kernel on a GPU. Owns the plans that it keeps while shapes stay; not for concurrent calls.</summary>
internal interface ICudaOpKernel : IDisposable
{
    /// <summary>Checks the inputs, makes the outputs and launches on the context's stream, without waiting for it.</summary>
    void Compute(CudaOpContext context);
}

/// <summary>One call of a device kernel: its tensors in device memory, and where to launch.</summary>
internal abstract class CudaOpContext(ShapeCheck shapes, CudaKernels kernels, CudaStream stream, GradientSum sums)
{
    /// <summary>How gradients that meet in one place are added, where a kernel has more than one way.</summary>
    public GradientSum Sums => sums;

    /// <summary>Checks on behalf of this operator.</summary>
    public ShapeCheck Shapes => shapes;

    /// <summary>The device's kernels.</summary>
    public CudaKernels Kernels => kernels;

    /// <summary>Where to launch; outputs are complete when its work is done.</summary>
    public CudaStream Stream => stream;

    /// <summary>Input i, which must have the given rank (-1 = any).</summary>
    public abstract DeviceTensor Input(int index, string name, int rank = -1);

    /// <summary>Output i of the given shape; its memory holds anything.</summary>
    public abstract DeviceTensor Output(int index, ElementType type, params ReadOnlySpan<long> shape);

    /// <summary>Memory of this many elements for what is launched in this call, with any content.</summary>
    public unsafe DeviceSpan<T> Scratch<T>(long length)
        where T : unmanaged
        => new(length == 0 ? 0 : ScratchBytes(checked(length * sizeof(T))), length);

    /// <summary>The same in bytes, above zero.</summary>
    protected abstract ulong ScratchBytes(long bytes);
}
