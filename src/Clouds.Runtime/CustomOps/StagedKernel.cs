using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.CustomOps;

/// <summary>
/// The same device kernel as a node of the processor's provider: inputs are copied to the GPU and outputs back. For checking kernels on any
/// GPU, above all an emulated one.
/// </summary>
internal sealed class StagedKernel(Gpu gpu, ICudaOpKernel kernel, GradientSum sums) : ICustomKernel, IDisposable
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        // A session may run its nodes on another thread than the next one does; the GPU's stream is for one at a time.
        lock (gpu.Gate)
        {
            using Call call = new(context, gpu, sums);
            kernel.Compute(call);
            call.FetchOutputs();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => kernel.Dispose();

    /// <summary>One call with the device memory of its tensors.</summary>
    private sealed unsafe class Call(OpContext context, Gpu gpu, GradientSum sums)
        : CudaOpContext(context.Shapes, gpu.Kernels, gpu.Stream, sums), IDisposable
    {
        private readonly List<DeviceBuffer<byte>> _buffers = [];
        private readonly List<(OpTensor Host, DeviceBuffer<byte> Device)> _outputs = [];

        public override DeviceTensor Input(int index, string name, int rank = -1)
        {
            OpTensor host = context.Input(index, name, rank);
            DeviceBuffer<byte> device = Allocate(Bytes(host));
            Stream.Upload<byte>(new ReadOnlySpan<byte>((void*)host.Address, checked((int)device.Length)), device.Span);
            return new DeviceTensor(device.Span.Address, host.Type, host.Shape);
        }

        public override DeviceTensor Output(int index, ElementType type, params ReadOnlySpan<long> shape)
        {
            OpTensor host = context.Output(index, type, shape);
            DeviceBuffer<byte> device = Allocate(Bytes(host));
            _outputs.Add((host, device));
            return new DeviceTensor(device.Span.Address, type, host.Shape);
        }

        public void FetchOutputs()
        {
            foreach ((OpTensor host, DeviceBuffer<byte> device) in _outputs)
            {
                Stream.Download(device.Span, new Span<byte>((void*)host.Address, checked((int)device.Length)));
            }
        }

        public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

        protected override ulong ScratchBytes(long bytes) => Allocate(bytes).Span.Address;

        private static long Bytes(OpTensor host) => host.Shape.Aggregate((long)Size(host.Type), (product, dimension) => checked(product * dimension));

        private static int Size(ElementType type) => type switch
        {
            ElementType.Float => sizeof(float),
            ElementType.Byte => sizeof(byte),
            ElementType.Int64 => sizeof(long),
            _ => throw new CloudsException(Failure.Internal, "a tensor's element type has no size here", found: type.ToString()),
        };

        private DeviceBuffer<byte> Allocate(long bytes)
        {
            DeviceBuffer<byte> buffer = Kernels.Context.Allocate<byte>(bytes);
            _buffers.Add(buffer);
            return buffer;
        }
    }
}
