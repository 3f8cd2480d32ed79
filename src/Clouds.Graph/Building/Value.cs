namespace Clouds.Graph.Building;

/// <summary>One tensor of a graph: a graph input, a parameter, a constant, or an output of a node. Made by <see cref="GraphBuilder"/> only.</summary>
public sealed class Value
{
    internal Value(string name, ElementType type, Shape shape, Node? producer = null, Literal? literal = null)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Producer = producer;
        Literal = literal;
    }

    /// <summary>Unique name in the graph.</summary>
    public string Name { get; internal set; }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Extents.</summary>
    public Shape Shape { get; }

    /// <summary>The node that computes it; null for inputs, parameters and constants.</summary>
    public Node? Producer { get; }

    /// <summary>The elements of a constant; null otherwise.</summary>
    public Literal? Literal { get; }

    /// <summary>Returns the value itself after checking its shape: the claim of a shape comment, enforced.</summary>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public Value Expect(Shape shape) => Shape.Equals(shape) ? this : throw new ArgumentException($"{Name} has shape {Shape}, expected {shape}");

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Type}{Shape}";
}
