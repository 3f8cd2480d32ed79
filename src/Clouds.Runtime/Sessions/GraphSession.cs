using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, -1 where the model leaves one open.</param>
public sealed record GraphPort(string Name, Type Type, long[] Shape)
{
    /// <summary>Product of the dimensions; of a shape without open ones.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// A model ready to run on buffers that the caller owns: every input and output is bound to memory once and read or written there at every
/// run. That holds on a GPU too: memory of the host is copied there and back at every run, memory of the GPU is used where it lies, on the
/// stream of <see cref="Gpu.Stream"/>. Not for concurrent runs. Dispose it; bound memory may be freed only afterwards.
/// </summary>
public sealed partial class GraphSession : IDisposable
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
