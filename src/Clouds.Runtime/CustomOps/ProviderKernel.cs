using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.CustomOps;

/// <summary>A device kernel as a node of ONNX Runtime's CUDA provider: on its tensors where they lie, on its own stream, with scratch from its pool.</summary>
internal sealed class ProviderKernel(Gpu gpu, ICudaOpKernel kernel, GradientSum sums) : ICustomKernel, IDisposable
{
    /// <summary>The provider's name in ONNX Runtime.</summary>
    public const string Provider = "CUDAExecutionProvider";

    private readonly OrtMemoryInfo _memory = new("Cuda", OrtAllocatorType.DeviceAllocator, gpu.Ordinal, OrtMemType.Default);

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        using Call call = new(context, gpu, _memory, sums);
        kernel.Compute(call);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        kernel.Dispose();
        _memory.Dispose();
    }

    /// <summary>One call; the tensors' addresses are device addresses here.</summary>
    private sealed class Call(OpContext context, Gpu gpu, OrtMemoryInfo memory, GradientSum sums)
        : CudaOpContext(context.Shapes, gpu.Kernels, CudaStream.Borrow(gpu.Context, context.CudaStream), sums), IDisposable
    {
        private readonly List<nint> _scratch = [];

        public override DeviceTensor Input(int index, string name, int rank = -1) => OnDevice(context.Input(index, name, rank));

        public override DeviceTensor Output(int index, ElementType type, params ReadOnlySpan<long> shape) => OnDevice(context.Output(index, type, shape));

        // Before the device has used it: the provider hands it to later work of the same stream only.
        public void Dispose()
        {
            if (_scratch.Count > 0)
            {
                context.FreeScratch(memory, _scratch);
            }
        }

        protected override ulong ScratchBytes(long bytes)
        {
            nint address = context.Scratch(memory, bytes);
            _scratch.Add(address);
            return (ulong)address;
        }

        private static DeviceTensor OnDevice(OpTensor tensor) => new((ulong)tensor.Address, tensor.Type, tensor.Shape);
    }
}
