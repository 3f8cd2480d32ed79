using System.Runtime.InteropServices;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Clouds.Tests.Cuda;

/// <summary>A model on the CUDA provider with every port bound to device memory of ours, by ONNX Runtime's own calls.</summary>
internal sealed class CudaGraph : IDisposable
{
    private readonly Gpu _gpu;
    private readonly SessionOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly OrtMemoryInfo _where;
    private readonly Dictionary<string, (DeviceBuffer<byte> Memory, OrtValue Value)> _ports = [];

    /// <summary>Makes the session.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gpu">Where it runs; its kernels are those of domain "clouds".</param>
    public CudaGraph(byte[] model, Gpu gpu)
    {
        _gpu = gpu;
        using OrtCUDAProviderOptions cuda = new();
        _options.AppendExecutionProvider_CUDA(cuda);
        Assert.Null(OperatorChoice.OnCuda(_options, new SessionSettings(), gpu, required: true));
        _session = new InferenceSession(model, _options);
        _binding = _session.CreateIoBinding();
        _where = new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, gpu.Ordinal, OrtMemType.Default);
        foreach ((string name, NodeMetadata port) in _session.InputMetadata)
        {
            _binding.BindInput(name, Place(name, port));
        }

        foreach ((string name, NodeMetadata port) in _session.OutputMetadata)
        {
            _binding.BindOutput(name, Place(name, port));
        }
    }

    /// <summary>Inputs in the model's order.</summary>
    public IEnumerable<GraphPort> Inputs => _session.InputMetadata.Select(
        port => new GraphPort(port.Key, port.Value.ElementType, Array.ConvertAll(port.Value.Dimensions, dimension => (long)dimension)));

    /// <summary>Copies values into a port's memory.</summary>
    public void Upload<T>(string port, ReadOnlySpan<T> values)
        where T : unmanaged
        => _gpu.Stream.Upload(MemoryMarshal.AsBytes(values), _ports[port].Memory.Span);

    /// <summary>Copies an array into a port's memory.</summary>
    public void Upload(GraphPort port, Array values)
    {
        switch (values)
        {
            case float[] floats: Upload<float>(port.Name, floats); break;
            case long[] integers: Upload<long>(port.Name, integers); break;
            default: Upload<byte>(port.Name, (byte[])values); break;
        }
    }

    /// <summary>The values of a port's memory.</summary>
    public T[] Download<T>(string port, int count)
        where T : unmanaged
    {
        T[] values = new T[count];
        _gpu.Stream.Download(new DeviceSpan<T>(_ports[port].Memory.Span.Address, count), values.AsSpan());
        return values;
    }

    public void Run()
    {
        using RunOptions options = new();
        _session.RunWithBinding(options, _binding);
    }

    public void Dispose()
    {
        _binding.Dispose();
        foreach ((DeviceBuffer<byte> memory, OrtValue value) in _ports.Values)
        {
            value.Dispose();
            memory.Dispose();
        }

        _session.Dispose();
        _where.Dispose();
        _options.Dispose();
    }

    private OrtValue Place(string name, NodeMetadata port)
    {
        long[] shape = Array.ConvertAll(port.Dimensions, dimension => (long)dimension);
        long bytes = shape.Aggregate(1L, (a, b) => a * b) * TensorBase.GetElementTypeInfo(port.ElementDataType)!.TypeSize;
        DeviceBuffer<byte> memory = _gpu.Context.Allocate<byte>(bytes);
        OrtValue value = OrtValue.CreateTensorValueWithData(_where, port.ElementDataType, shape, (nint)memory.Span.Address, bytes);
        _ports.Add(name, (memory, value));
        return value;
    }
}
