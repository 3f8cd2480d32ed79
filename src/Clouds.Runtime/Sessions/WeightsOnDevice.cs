using Clouds.Graph.Weights;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Clouds.Runtime.Sessions;

/// <summary>Weights in the memory of a GPU, given to sessions as their initialisers: ONNX Runtime would make a copy for each session.</summary>
internal sealed unsafe class WeightsOnDevice : IDisposable
{
    private readonly DeviceBuffers _buffers;
    private readonly List<(string Name, OrtValue Value)> _values = [];

    /// <summary>Uploads the tensors.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: the GPU has not that much memory.</exception>
    public WeightsOnDevice(Gpu gpu, IEnumerable<TensorEntry> tensors)
    {
        _buffers = new DeviceBuffers(gpu.Context);
        using OrtMemoryInfo place = new("Cuda", OrtAllocatorType.DeviceAllocator, gpu.Ordinal, OrtMemType.Default);
        foreach (TensorEntry tensor in tensors)
        {
            DeviceSpan<byte> memory = _buffers.Allocate<byte>(tensor.Bytes).Span;
            gpu.Stream.Upload((byte*)tensor.File.Address + tensor.Offset, memory);
            _values.Add((tensor.Name, OrtValue.CreateTensorValueWithData(
                place, ElementOf(tensor.Type)!.Value, [.. tensor.Shape], (nint)memory.Address, tensor.Bytes)));
        }

        gpu.Stream.Synchronise();
    }

    /// <summary>Lets a session use them.</summary>
    public void ShareInto(SessionOptions options) => _values.ForEach(weight => options.AddInitializer(weight.Name, weight.Value));

    public void Dispose()
    {
        _values.ForEach(weight => weight.Value.Dispose());
        _buffers.Dispose();
    }

    // What networks compute with; whole numbers are shapes and indices, which ONNX Runtime may want on the host.
    public static TensorElementType? ElementOf(WeightType type) => type switch
    {
        WeightType.F32 => TensorElementType.Float,
        WeightType.F16 => TensorElementType.Float16,
        WeightType.BF16 => TensorElementType.BFloat16,
        _ => null,
    };
}
