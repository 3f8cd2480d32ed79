using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>The memory of all ports of a step's graphs, by name. Parameters and gradients lie in the arena instead.</summary>
/// <param name="device">Where the graphs run.</param>
internal sealed class PortBuffers(Device device) : IDisposable
{
    private readonly DrawList? _draws = device.TensorGpu is Gpu gpu ? new DrawList(gpu) : null;
    private readonly Dictionary<string, PortBuffer> _byName = [];
    private readonly HashSet<string> _read = [];

    /// <summary>Makes room for a graph's inputs and for its outputs, gradients aside; graphs come in the order in which they run.</summary>
    /// <exception cref="CloudsException">Internal: two graphs disagree on a port, or both write it.</exception>
    public void Add(GraphBuilder graph)
    {
        foreach (Value input in graph.Inputs)
        {
            if (!_byName.ContainsKey(input.Name))
            {
                _byName.Add(input.Name, PortBuffer.For(input.Name, input, writer: null, device.TensorGpu));
            }

            Require(input.Name, input.Type, input.Shape, $"graph '{graph.Name}'");
        }

        foreach ((string name, Value value) in graph.Outputs.Where(output => !TrainingGraph.IsGradient(output.Name)))
        {
            _byName.Add(name, _byName.TryGetValue(name, out PortBuffer? other)
                ? throw Refused("two write the same port", name, $"graph '{graph.Name}'", other.FilledBy, "give one of them another name")
                : PortBuffer.For(name, value, graph.Name, device.TensorGpu));
        }
    }

    /// <summary>The GPU in whose memory they lie; null: in the host's.</summary>
    public Gpu? Gpu => device.TensorGpu;

    /// <summary>Whether a graph has a port of this name.</summary>
    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>Binds every port of a session that has memory here.</summary>
    /// <param name="session">The session.</param>
    /// <param name="onDemand">Whether it need not run in every step, so that its ports may stay without elements.</param>
    public void BindTo(GraphSession session, bool onDemand = false)
    {
        _read.UnionWith(session.Inputs.Select(port => port.Name).Where(name => Has(name) && !onDemand));
        foreach (GraphPort port in session.Inputs.Concat(session.Outputs).Where(port => Has(port.Name)))
        {
            _byName[port.Name].BindTo(session);
        }
    }

    /// <summary>The memory of a port that the source of batches fills.</summary>
    /// <exception cref="CloudsException">Internal: no graph has such a port, or a graph writes it.</exception>
    public Memory<T> ToFill<T>(Port<T> port)
        where T : unmanaged => Fillable(port).ToFill();

    /// <summary>The memory of a port that a stage fills.</summary>
    /// <exception cref="CloudsException">Internal: no stage gives it.</exception>
    public PortBuffer<T> Given<T>(Port<T> port)
        where T : unmanaged
    {
        Require(port.Name, port.Type, port.Shape, "the source of batches", output: true);
        return (PortBuffer<T>)_byName[port.Name];
    }

    /// <summary>Fills one of a port's rows, equal parts of its elements, with uniform draws.</summary>
    /// <returns>What was drawn; empty where a GPU will draw it.</returns>
    public Span<float> Draw(Port<float> port, int row, int rows, RandomStream random)
    {
        PortBuffer<float> buffer = Fillable(port);
        int length = (int)(port.Shape.ElementCount / rows);
        if (_draws is not null)
        {
            _draws.Add(buffer.ToFillThere().Slice((long)row * length, length), random);
            return [];
        }

        Span<float> drawn = buffer.ToFill().Span.Slice(row * length, length);
        random.Fill(drawn);
        return drawn;
    }

    /// <summary>Brings the batch to where the graphs run; on a GPU it is on the way when this returns.</summary>
    public void Send()
    {
        foreach (PortBuffer buffer in _byName.Values)
        {
            buffer.Send();
        }

        _draws?.Launch();
    }

    /// <summary>Brings what one session reads there, and nothing that is still being written.</summary>
    public void Send(GraphSession session)
    {
        foreach (GraphPort input in session.Inputs.Where(input => Has(input.Name)))
        {
            _byName[input.Name].Send();
        }
    }

    /// <summary>Refuses a source of batches that has left out a port which a graph reads.</summary>
    public void RequireFilled() => RequireFilled(_read);

    /// <summary>The same for the ports of a session that is to run.</summary>
    public void RequireFilled(GraphSession session) => RequireFilled(session.Inputs.Select(port => port.Name).Where(Has));

    private void RequireFilled(IEnumerable<string> read)
    {
        string[] forgotten = [.. read.Where(name => !_byName[name].IsOutput && !_byName[name].Filled).Order(StringComparer.Ordinal)];
        if (forgotten.Length > 0)
        {
            throw Refused("ports of the training graph were not filled", string.Join(", ", forgotten), "nothing", "elements", "fill them in ITraining.Fill");
        }
    }

    /// <summary>The number in a float port of one element.</summary>
    public double Number(string name) => ((PortBuffer<float>)_byName[name]).First();

    public void Dispose()
    {
        _draws?.Dispose();
        foreach (PortBuffer buffer in _byName.Values)
        {
            buffer.Dispose();
        }
    }

    private PortBuffer<T> Fillable<T>(Port<T> port)
        where T : unmanaged
    {
        Require(port.Name, port.Type, port.Shape, "the source of batches");
        PortBuffer buffer = _byName[port.Name];
        return buffer.IsOutput
            ? throw Refused("the source of batches may not fill this port", port.Name, "the source of batches", buffer.FilledBy, "leave it to the graph")
            : (PortBuffer<T>)buffer;
    }

    private void Require(string name, ElementType type, Shape shape, string user, bool output = false)
    {
        string known = string.Join(", ", _byName.Values.Where(port => port.IsOutput == output).Select(port => port.Name));
        PortBuffer buffer = _byName.GetValueOrDefault(name)
            ?? throw Refused("no graph has this port", name, user, $"one of {known}", "use the port that the graph was built with");
        if (buffer.Type != type || !buffer.Shape.Equals(shape))
        {
            (string found, string expected) = ($"{type}{shape} in {user}", $"{buffer.Type}{buffer.Shape}");
            throw Refused("a port has another type or shape elsewhere", name, found, expected, "declare the port once");
        }
    }

    private static CloudsException Refused(string what, string name, string found, string expected, string next) =>
        new(Failure.Internal, what, $"port {name}", found, expected, next);
}
