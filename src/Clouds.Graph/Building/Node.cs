using Clouds.Graph.Operators;

namespace Clouds.Graph.Building;

/// <summary>One operator application. Absent optional inputs are null.</summary>
public sealed class Node
{
    internal Node(string op, string domain, IReadOnlyList<Value?> inputs, IReadOnlyDictionary<string, object> attributes)
    {
        ScatterAdd.RefuseRace(op, domain, attributes);
        Op = op;
        Domain = domain;
        Inputs = inputs;
        Attributes = attributes;
    }

    /// <summary>Operator name.</summary>
    public string Op { get; }

    /// <summary>Operator domain: empty for standard ONNX, "clouds" for ours.</summary>
    public string Domain { get; }

    /// <summary>Inputs in the operator's order.</summary>
    public IReadOnlyList<Value?> Inputs { get; }

    /// <summary>Outputs in the operator's order.</summary>
    public IReadOnlyList<Value> Outputs { get; internal set; } = [];

    /// <summary>Attributes: long, float, string, long[], float[] or <see cref="Literal"/>.</summary>
    public IReadOnlyDictionary<string, object> Attributes { get; }

    /// <summary>Whether it stays in single precision in any case (<see cref="GraphBuilder.InSingle"/>).</summary>
    public bool InSingle { get; internal init; }

    /// <summary>The i-th input, which must be there.</summary>
    public Value Input(int i) => Inputs[i] ?? throw new InvalidOperationException($"input {i} of {this} is absent");

    /// <summary>An attribute, or a default where it is not set.</summary>
    public T Attribute<T>(string name, T fallback) => Attributes.TryGetValue(name, out object? value) ? (T)value : fallback;

    /// <summary>An attribute that must be set.</summary>
    public T Attribute<T>(string name)
        => Attributes.TryGetValue(name, out object? value) ? (T)value : throw new InvalidOperationException($"{this} lacks the attribute {name}");

    /// <inheritdoc/>
    public override string ToString()
        => $"{(Domain.Length == 0 ? "" : Domain + ".")}{Op}({string.Join(", ", Inputs.Select(v => v is null ? "-" : $"{v.Name}{v.Shape}"))})";
}
