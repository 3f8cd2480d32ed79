using Clouds.Graph.Building;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>Memory of one port, zeroed when it is first asked for and the same from then on.</summary>
/// <param name="name">Name of the port.</param>
/// <param name="shape">Extents.</param>
/// <param name="writer">The graph that has it as an output; null: the source of batches fills it.</param>
internal abstract class PortBuffer(string name, Shape shape, string? writer) : IDisposable
{
    public string Name { get; } = name;

    public Shape Shape { get; } = shape;

    public abstract ElementType Type { get; }

    /// <summary>Who fills it, for messages.</summary>
    public string FilledBy => writer is null ? "the source of batches" : $"graph '{writer}'";

    public bool IsOutput => writer is not null;

    /// <summary>Memory for a port of a graph.</summary>
    /// <param name="name">Name of the port.</param>
    /// <param name="value">Its type and shape.</param>
    /// <param name="writer">The graph that has it as an output; null: the source of batches fills it.</param>
    /// <param name="gpu">The GPU in whose memory the graphs' tensors lie; null: in the host's.</param>
    public static PortBuffer For(string name, Value value, string? writer, Gpu? gpu) => value.Type switch
    {
        ElementType.Float => new PortBuffer<float>(name, value, writer, gpu),
        ElementType.Double => new PortBuffer<double>(name, value, writer, gpu),
        ElementType.Int64 => new PortBuffer<long>(name, value, writer, gpu),
        ElementType.Int32 => new PortBuffer<int>(name, value, writer, gpu),
        ElementType.UInt8 => new PortBuffer<byte>(name, value, writer, gpu),
        ElementType.Bool => new PortBuffer<bool>(name, value, writer, gpu),
        _ => throw new NotSupportedException($"port {name}: no memory for elements of type {value.Type}"),
    };

    /// <summary>Whether the source of batches has ever asked for it.</summary>
    public bool Filled { get; protected set; }

    public abstract void BindTo(GraphSession session);

    /// <summary>Brings what the source of batches has written since the last time to the GPU, where there is one.</summary>
    public abstract void Send();

    public abstract void Dispose();
}

/// <summary>Memory of one port with its element type: the host's, and beside it, where graphs run on a GPU, the GPU's.</summary>
internal sealed class PortBuffer<T>(string name, Value value, string? writer, Gpu? gpu) : PortBuffer(name, value.Shape, writer)
    where T : unmanaged
{
    private T[]? _memory;
    private PinnedBuffer<T>? _pinned;
    private DeviceBuffer<T>? _device;
    private bool _written;

    public override ElementType Type { get; } = value.Type;

    /// <summary>The host's memory; with a GPU it is page-locked, and in use until the step's result has been read.</summary>
    public Memory<T> ToFill()
    {
        (Filled, _written) = (true, true);
        return gpu is null ? Host : (_pinned ??= new PinnedBuffer<T>(gpu.Context, checked((int)Shape.ElementCount))).Memory;
    }

    /// <summary>The GPU's memory, for whoever fills it there.</summary>
    public DeviceSpan<T> ToFillThere()
    {
        Filled = true;
        return Device;
    }

    /// <summary>The host's memory of what a graph gave.</summary>
    public ReadOnlyMemory<T> Given() => gpu is null ? Host : throw new InvalidOperationException($"port {Name} lies on the GPU");

    /// <summary>The GPU's memory of what a graph gave.</summary>
    public DeviceSpan<T> GivenThere() => gpu is null ? throw new InvalidOperationException($"port {Name} lies on the host") : Device;

    /// <summary>The first element.</summary>
    public T First()
    {
        Span<T> first = gpu is null ? Host.Span[..1] : new T[1];
        gpu?.Stream.Download(Device.Slice(0, 1), first);
        return first[0];
    }

    public override void BindTo(GraphSession session)
    {
        if (gpu is null)
        {
            session.Bind(Name, Host, Shape.Sizes);
        }
        else
        {
            session.Bind(Name, Device, Shape.Sizes);
        }
    }

    public override void Send()
    {
        if (_written && _pinned is not null)
        {
            gpu!.Stream.Upload<T>(_pinned.Memory.Span, Device);
        }

        _written = false;
    }

    public override void Dispose()
    {
        ((IDisposable?)_pinned)?.Dispose();
        _device?.Dispose();
    }

    private Memory<T> Host => _memory ??= new T[Shape.ElementCount];

    private DeviceSpan<T> Device => (_device ??= Zeroed(gpu!)).Span;

    private DeviceBuffer<T> Zeroed(Gpu there)
    {
        DeviceBuffer<T> buffer = there.Context.Allocate<T>(Shape.ElementCount);
        there.Stream.Fill(buffer.Span);
        return buffer;
    }
}
