using Clouds.Graph.Building;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>Memory of one port, zeroed when it is first asked for and the same from then on.</summary>
/// <param name="name">Name of the port.</param>
/// <param name="shape">Extents.</param>
/// <param name="writer">The graph that has it as an output; null: the source of batches fills it.</param>
internal abstract class PortBuffer(string name, Shape shape, string? writer)
{
    public string Name { get; } = name;

    public Shape Shape { get; } = shape;

    public abstract ElementType Type { get; }

    /// <summary>Who fills it, for messages.</summary>
    public string FilledBy => writer is null ? "the source of batches" : $"graph '{writer}'";

    public bool IsOutput => writer is not null;

    public static PortBuffer For(string name, Value value, string? writer) => value.Type switch
    {
        ElementType.Float => new PortBuffer<float>(name, value, writer),
        ElementType.Double => new PortBuffer<double>(name, value, writer),
        ElementType.Int64 => new PortBuffer<long>(name, value, writer),
        ElementType.Int32 => new PortBuffer<int>(name, value, writer),
        ElementType.UInt8 => new PortBuffer<byte>(name, value, writer),
        ElementType.Bool => new PortBuffer<bool>(name, value, writer),
        _ => throw new NotSupportedException($"port {name}: no memory for elements of type {value.Type}"),
    };

    /// <summary>Whether the source of batches has asked for it.</summary>
    public bool Filled { get; set; }

    public abstract void BindTo(GraphSession session);
}

/// <summary>Memory of one port with its element type.</summary>
internal sealed class PortBuffer<T>(string name, Value value, string? writer) : PortBuffer(name, value.Shape, writer)
    where T : unmanaged
{
    private T[]? _memory;

    public override ElementType Type { get; } = value.Type;

    public Memory<T> Memory => _memory ??= new T[Shape.ElementCount];

    public override void BindTo(GraphSession session) => session.Bind(Name, Memory, Shape.Sizes);
}
