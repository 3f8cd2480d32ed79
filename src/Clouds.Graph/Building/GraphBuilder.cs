using System.Globalization;

namespace Clouds.Graph.Building;

/// <summary>
/// Writes an ONNX graph, node by node in the order of execution. Every operator method knows its operator's shape rule; the values it
/// returns carry type and shape. Not thread-safe.
/// </summary>
/// <param name="name">Name of the graph, for people.</param>
public sealed partial class GraphBuilder(string name)
{
    private readonly List<Node> _nodes = [];
    private readonly List<Value> _inputs = [];
    private readonly List<(string Name, Value Value)> _outputs = [];
    private readonly Dictionary<string, Parameter> _parameters = [];
    private readonly List<Value> _constants = [];
    private readonly Dictionary<string, Value> _constantByContent = [];
    private readonly HashSet<string> _names = [];
    private readonly Stack<string> _scopes = new();
    private int _counter;

    /// <summary>Name of the graph.</summary>
    public string Name { get; } = name;

    /// <summary>Nodes in execution order.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>Graph inputs, parameters left out.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>Graph outputs with their names.</summary>
    public IReadOnlyList<(string Name, Value Value)> Outputs => _outputs;

    /// <summary>Learned tensors in the order of their declaration.</summary>
    public IReadOnlyCollection<Parameter> Parameters => _parameters.Values;

    /// <summary>Constants in the order of their first use.</summary>
    public IReadOnlyList<Value> Constants => _constants;

    /// <summary>Declares a graph input.</summary>
    public Value Input(string name, ElementType type, Shape shape)
    {
        Value input = new(Reserve(name), type, shape);
        _inputs.Add(input);
        return input;
    }

    /// <summary>
    /// Declares a learned tensor, or returns it where the same name was declared before (weights shared between two places).
    /// </summary>
    /// <param name="name">Name below the current scopes.</param>
    /// <param name="shape">Extents, all numbers.</param>
    /// <param name="initializer">Start values.</param>
    /// <param name="kind">What it is for the optimiser.</param>
    /// <param name="type">Element type; anything but single precision comes from a file and is not trained.</param>
    public Value Parameter(
        string name, Shape shape, Initializer initializer, ParameterKind kind = ParameterKind.Plain, ElementType type = ElementType.Float)
    {
        string full = Qualify(name);
        if (!_parameters.TryGetValue(full, out Parameter? parameter))
        {
            parameter = new Parameter(full, kind, initializer, new Value(Reserve(full), type, shape));
            _parameters.Add(full, parameter);
        }

        Require(parameter.Type == type, $"{full} is declared as {parameter.Type} and as {type}");
        return parameter.Value.Expect(shape);
    }

    /// <summary>Names declared until the returned object is disposed start with the prefix and a dot.</summary>
    public IDisposable Scope(string prefix)
    {
        _scopes.Push(Qualify(prefix));
        return new ScopeEnd(_scopes);
    }

    /// <summary>A constant; equal constants become one.</summary>
    public Value Constant(Literal literal)
    {
        string content = $"{literal.Type}:{string.Join(',', literal.Sizes)}:{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(literal.Data))}";
        if (!_constantByContent.TryGetValue(content, out Value? value))
        {
            value = new Value(Fresh("const"), literal.Type, Shape.Of(literal.Sizes), null, literal);
            _constants.Add(value);
            _constantByContent.Add(content, value);
        }

        return value;
    }

    /// <summary>A constant under a name of its own.</summary>
    internal Value Constant(string name, Literal literal)
    {
        Value value = new(Reserve(name), literal.Type, Shape.Of(literal.Sizes), null, literal);
        _constants.Add(value);
        return value;
    }

    /// <summary>A float scalar.</summary>
    public Value Constant(float value) => Constant(Literal.Of([value]));

    /// <summary>A float tensor.</summary>
    public Value Constant(ReadOnlySpan<float> values, params long[] sizes) => Constant(Literal.Of(values, sizes));

    /// <summary>A vector of 64-bit integers.</summary>
    public Value Integers(params ReadOnlySpan<long> values) => Constant(Literal.Of(values, values.Length));

    /// <summary>Names a value as a graph output.</summary>
    public void Output(string name, Value value)
    {
        // An input, a parameter or a constant cannot be an output itself, and no value can carry two names.
        bool taken = value.Producer is null || _outputs.Exists(output => output.Value == value);
        Value output = taken ? Emit("Identity", [value], value.Type, value.Shape) : value;
        if (output.Name != name)
        {
            Reserve(name);
            _names.Remove(output.Name);
            output.Name = name;
        }

        _outputs.Add((name, output));
    }

    /// <summary>Appends a node with one output. The caller vouches for type and shape.</summary>
    public Value Emit(string op, IReadOnlyList<Value?> inputs, ElementType type, Shape shape, params (string Name, object Value)[] attributes) =>
        EmitMany(op, "", inputs, [(type, shape)], attributes)[0];

    /// <summary>Appends a node. The caller vouches for types and shapes.</summary>
    public IReadOnlyList<Value> EmitMany(string op, string domain, IReadOnlyList<Value?> inputs,
        IReadOnlyList<(ElementType Type, Shape Shape)> outputs, params (string Name, object Value)[] attributes)
    {
        return EmitNamed(op, domain, inputs, [.. outputs.Select(o => (Fresh(op), o.Type, o.Shape))], attributes);
    }

    /// <summary>Appends a node whose outputs have the given names, new in this graph.</summary>
    internal IReadOnlyList<Value> EmitAs(string op, string domain, IReadOnlyList<Value?> inputs,
        IReadOnlyList<(string Name, ElementType Type, Shape Shape)> outputs, params (string Name, object Value)[] attributes) =>
        EmitNamed(op, domain, inputs, [.. outputs.Select(o => (Reserve(o.Name), o.Type, o.Shape))], attributes);

    private IReadOnlyList<Value> EmitNamed(string op, string domain, IReadOnlyList<Value?> inputs,
        IReadOnlyList<(string Name, ElementType Type, Shape Shape)> outputs, (string Name, object Value)[] attributes)
    {
        Node node = new(op, domain, inputs, attributes.ToDictionary(a => a.Name, a => a.Value)) { InSingle = _singles.Count > 0 };
        node.Outputs = [.. outputs.Select(o => new Value(o.Name, o.Type, o.Shape, node))];
        _nodes.Add(node);
        return node.Outputs;
    }

    // Callers' mistakes are told here, where their stack still shows the line that wrote the node, and not when the runtime loads the model.
    internal static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    /// <summary>The nodes that an output depends on, in the order of their writing; the others stay out of models.</summary>
    internal IReadOnlyList<Node> LiveNodes()
    {
        HashSet<Value> needed = [.. _outputs.Select(output => output.Value)];
        List<Node> live = [];
        foreach (Node node in Enumerable.Reverse(_nodes))
        {
            if (node.Outputs.Any(needed.Contains))
            {
                live.Add(node);
                needed.UnionWith(node.Inputs.OfType<Value>());
            }
        }

        live.Reverse();
        return live;
    }

    private string Qualify(string name) => _scopes.Count == 0 ? name : $"{_scopes.Peek()}.{name}";

    private string Fresh(string stem)
    {
        string fresh;
        do
        {
            fresh = string.Create(CultureInfo.InvariantCulture, $"{stem}_{_counter++}");
        }
        while (!_names.Add(fresh));

        return fresh;
    }

    private string Reserve(string name) => _names.Add(name) ? name : throw new ArgumentException($"the name {name} is taken in graph {Name}");

    private sealed class ScopeEnd(Stack<string> scopes) : IDisposable
    {
        public void Dispose() => scopes.Pop();
    }
}
