using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.CustomOps;

/// <summary>A device kernel as a node of ONNX Runtime's CUDA provider: on its tensors where they lie, on its own stream.</summary>
internal sealed class ProviderKernel(Gpu gpu, ICudaOpKernel kernel) : ICustomKernel, IDisposable
{
    /// <summary>The provider's name in ONNX Runtime.</summary>
    public const string Provider = "CUDAExecutionProvider";

    /// <inheritdoc/>
    public void Compute(OpContext context) => kernel.Compute(new Call(context, gpu));

    /// <inheritdoc/>
    public void Dispose() => kernel.Dispose();

    /// <summary>One call; the tensors' addresses are device addresses here.</summary>
    private sealed class Call(OpContext context, Gpu gpu)
        : CudaOpContext(context.Shapes, gpu.Kernels, CudaStream.Borrow(gpu.Context, context.CudaStream))
    {
        public override DeviceTensor Input(int index, string name, int rank = -1) => OnDevice(context.Input(index, name, rank));

        public override DeviceTensor Output(int index, ElementType type, params ReadOnlySpan<long> shape) => OnDevice(context.Output(index, type, shape));

        private static DeviceTensor OnDevice(OpTensor tensor) => new((ulong)tensor.Address, tensor.Type, tensor.Shape);
    }
}
