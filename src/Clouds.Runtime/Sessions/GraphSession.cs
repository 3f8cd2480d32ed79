using System.Buffers;
using System.Runtime.CompilerServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Clouds.Runtime.Sessions;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, -1 where the model leaves one open.</param>
public sealed record GraphPort(string Name, Type Type, long[] Shape)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// A model ready to run on buffers that the caller owns: every input and output is bound to memory once and read or written there at every
/// run. That holds on a GPU too: memory of the host is copied there and back at every run, memory of the GPU is used where it lies, on the
/// stream of <see cref="Gpu.Stream"/>. Not for concurrent runs. Dispose it; bound memory may be freed only afterwards.
/// </summary>
public sealed class GraphSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly string _where;
    private readonly Dictionary<string, GraphPort> _inputs;
    private readonly Dictionary<string, GraphPort> _outputs;
    private readonly Dictionary<string, OrtValue> _bound = [];
    private readonly HashSet<string> _allocated = [];
    private readonly Gpu? _gpu;
    private readonly HostPorts? _host;

    internal GraphSession(InferenceSession session, string where, Device device)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        _where = where;
        Device = device;
        _gpu = device.TensorGpu;
        _host = _gpu is null ? null : new HostPorts(_gpu);
        Inputs = [.. session.InputMetadata.Select(Port)];
        Outputs = [.. session.OutputMetadata.Select(Port)];
        _inputs = Inputs.ToDictionary(port => port.Name);
        _outputs = Outputs.ToDictionary(port => port.Name);
    }

    /// <summary>The device that it was made for.</summary>
    public Device Device { get; }

    /// <summary>Inputs in the model's order.</summary>
    public IReadOnlyList<GraphPort> Inputs { get; }

    /// <summary>Outputs in the model's order.</summary>
    public IReadOnlyList<GraphPort> Outputs { get; }

    /// <summary>An input or output by name.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: no such port.</exception>
    public GraphPort Port(string name) => _inputs.GetValueOrDefault(name) ?? _outputs.GetValueOrDefault(name) ?? throw Unknown(name);

    /// <summary>Binds an input or output to memory, pinned until it is bound anew or the session is disposed.</summary>
    /// <typeparam name="T">Element type of the graph's port: float, long, byte, ...</typeparam>
    /// <param name="name">Name of an input or output.</param>
    /// <param name="memory">As many elements as the shape says.</param>
    /// <param name="shape">Dimensions.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: no such port, or type, length or shape do not fit.</exception>
    public void Bind<T>(string name, Memory<T> memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), memory.Length, shape);
        if (_host is null)
        {
            Bind(name, OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape));
        }
        else
        {
            BindHost<T>(name, memory.Pin(), shape);
        }
    }

    /// <summary>Binds an input or output to native memory of the host, which must outlive the session or the next binding of this name.</summary>
    public unsafe void Bind<T>(string name, T* memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), Count(shape), shape);
        if (_host is null)
        {
            Bind(name, Tensor<T>(OrtMemoryInfo.DefaultInstance, (nint)memory, shape));
        }
        else
        {
            BindHost<T>(name, new MemoryHandle(memory), shape);
        }
    }

    /// <summary>
    /// Binds an input or output to memory of the GPU, which must outlive the session or the next binding of this name. Nothing is copied: runs read and
    /// write it in the order of the GPU's stream.
    /// </summary>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: as above, or the session's tensors do not lie on a GPU.</exception>
    public void Bind<T>(string name, DeviceSpan<T> memory, params long[] shape)
        where T : unmanaged
    {
        Check(name, typeof(T), memory.Length, shape);
        if (_gpu is null)
        {
            throw new CloudsException(Failure.Internal, "a session on the processor cannot use memory of a GPU", $"{_where}: {name}");
        }

        using OrtMemoryInfo place = CudaMemory();
        Bind(name, Tensor<T>(place, (nint)memory.Address, shape));
        _host?.Remove(name);
    }

    /// <summary>Lets ONNX Runtime allocate an output at every run: for shapes that are not known before. Read it with <see cref="Read"/>.</summary>
    public void BindAllocated(string name)
    {
        if (!_outputs.ContainsKey(name))
        {
            throw Unknown(name);
        }

        _binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        _allocated.Add(name);
    }

    /// <summary>Copies what the last run wrote to an output bound with <see cref="BindAllocated"/>.</summary>
    public T[] Read<T>(string name, out long[] shape)
        where T : unmanaged
    {
        using IDisposableReadOnlyCollection<OrtValue> values = _binding.GetOutputValues();
        int index = Array.IndexOf(_binding.GetOutputNames(), name);
        OrtValue value = index >= 0 ? values[index] : throw Unknown(name);
        shape = value.GetTensorTypeAndShape().Shape;
        return value.GetTensorDataAsSpan<T>().ToArray();
    }

    /// <summary>
    /// Runs the graph on the bound memory. On a GPU, outputs in its memory are complete when its stream has come that far; nobody waits for them here.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; outputs hold anything.</exception>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: an operator failed; <see cref="Failure.Internal"/>: a port is not bound.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        RequireBound();
        using RunOptions options = new();
        using CancellationTokenRegistration registration = cancellation.Register(() => options.Terminate = true);
        try
        {
            if (_host is null)
            {
                _session.RunWithBinding(options, _binding);
            }
            else
            {
                RunOnGpu(options, _host);
            }
        }
        catch (OnnxRuntimeException failure)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new CloudsException(Failure.Device, "a graph failed while running", _where, found: failure.Message, inner: failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (OrtValue value in _bound.Values)
        {
            value.Dispose();
        }

        _bound.Clear();
        _session.Dispose();
        _host?.Dispose();
    }

    private static GraphPort Port(KeyValuePair<string, NodeMetadata> entry)
        => new(entry.Key, entry.Value.ElementType, Array.ConvertAll(entry.Value.Dimensions, dimension => (long)dimension));

    private static long Count(long[] shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = checked(count * dimension);
        }

        return count;
    }

    private static OrtValue Tensor<T>(OrtMemoryInfo place, nint address, long[] shape)
        where T : unmanaged
        => OrtValue.CreateTensorValueWithData(place, TensorBase.GetTypeInfo(typeof(T)).ElementType, shape, address, Count(shape) * Unsafe.SizeOf<T>());

    private OrtMemoryInfo CudaMemory() => new("Cuda", OrtAllocatorType.DeviceAllocator, Device.Name.Ordinal, OrtMemType.Default);

    private void BindHost<T>(string name, MemoryHandle memory, long[] shape)
        where T : unmanaged
    {
        ulong address = _host!.Add(name, memory, Count(shape) * Unsafe.SizeOf<T>(), _inputs.ContainsKey(name));
        using OrtMemoryInfo place = CudaMemory();
        Bind(name, Tensor<T>(place, (nint)address, shape));
    }

    // ONNX Runtime works on our stream, so everything is in order without waiting; only outputs that it allocates itself have to be waited for.
    private void RunOnGpu(RunOptions options, HostPorts host)
    {
        host.Upload();
        if (_allocated.Count == 0)
        {
            options.AddRunConfigEntry("disable_synchronize_execution_providers", "1");
        }

        _session.RunWithBinding(options, _binding);
        host.Fetch();
    }

    private void Bind(string name, OrtValue value)
    {
        if (_inputs.ContainsKey(name))
        {
            _binding.BindInput(name, value);
        }
        else
        {
            _binding.BindOutput(name, value);
            _allocated.Remove(name);
        }

        _bound.Remove(name, out OrtValue? previous);
        previous?.Dispose();
        _bound.Add(name, value);
    }

    private void Check(string name, Type type, long length, long[] shape)
    {
        GraphPort port = Port(name);
        bool fits = port.Shape.Length == shape.Length && port.Shape.Zip(shape).All(pair => pair.First < 0 || pair.First == pair.Second);
        if (!fits || port.Type != type || Count(shape) != length)
        {
            throw new CloudsException(
                Failure.Internal, "a buffer does not fit the graph's port", $"{_where}: {name}",
                found: $"{type.Name} [{string.Join(", ", shape)}] in {length} elements", expected: $"{port.Type.Name} [{string.Join(", ", port.Shape)}]");
        }
    }

    private CloudsException Unknown(string name)
        => new(Failure.Internal, "the graph has no such input or output", _where, found: name, expected: string.Join(", ", Inputs.Concat(Outputs)));

    private void RequireBound()
    {
        string[] missing = [.. Inputs.Concat(Outputs).Select(port => port.Name).Where(name => !_bound.ContainsKey(name) && !_allocated.Contains(name))];
        if (missing.Length > 0)
        {
            throw new CloudsException(Failure.Internal, "inputs or outputs of a graph are not bound", _where, found: string.Join(", ", missing));
        }
    }
}
