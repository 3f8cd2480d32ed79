using Clouds.Graph.Building;

namespace Clouds.Training.Engine;

/// <summary>
/// A named tensor through which a training's graphs get what is no parameter. It is declared once and used twice: as an input of a graph and,
/// in <see cref="Batch.Of"/>, as memory. Whoever of the step has an output of its name fills it: a <see cref="Stage"/>; otherwise the source of
/// batches has to. Graphs that name the same port share its memory.
/// </summary>
/// <typeparam name="T">Element type: float, double, long, int, byte or bool.</typeparam>
/// <param name="Name">Name in every graph.</param>
/// <param name="Shape">Extents, all numbers; empty for a scalar.</param>
public sealed record Port<T>(string Name, Shape Shape)
    where T : unmanaged
{
    /// <summary>Element type in the graphs.</summary>
    public ElementType Type { get; } = default(T) switch
    {
        float => ElementType.Float,
        double => ElementType.Double,
        long => ElementType.Int64,
        int => ElementType.Int32,
        byte => ElementType.UInt8,
        bool => ElementType.Bool,
        _ => throw new NotSupportedException($"port {Name}: no graph has elements of type {typeof(T).Name}"),
    };

    /// <summary>Declares the port as an input of a graph.</summary>
    public Value In(GraphBuilder g) => g.Input(Name, Type, Shape);
}
