using Clouds.Graph.Building;

namespace Clouds.Graph.Portable;

/// <summary>
/// The same graph with its products and convolutions in half precision, and what follows them element by element. Sums with anything in single precision
/// stay in single: residuals, normalisations, softmax, positions, masks and their comparisons, and everything that works with numbers which half
/// precision has not. Inputs and outputs keep their types; a parameter that only the halves read becomes one.
/// </summary>
public sealed class HalfPrecision
{
    private static readonly HashSet<string> Products = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Linear"];

    private static readonly HashSet<string> Followers =
        ["Add", "Sub", "Mul", "Neg", "Relu", "Gelu", "Sigmoid", "Tanh", "AveragePool", "MaxPool", "Resize"];

    private static readonly HashSet<string> Movers =
        ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Split", "Slice", "Expand", "Gather", "GatherND", "GatherElements", "Identity", "Pad"];

    private static readonly HashSet<string> Comparisons = ["Less", "Greater", "Equal", "GreaterOrEqual", "LessOrEqual"];

    // Of other operators the types of inputs do not matter.
    private static readonly HashSet<string> Readers = ["Cast", "Shape"];

    private readonly GraphBuilder _source;
    private readonly GraphBuilder _graph;
    private readonly IReadOnlyList<Node> _nodes;
    private readonly HashSet<Node> _compared = [];
    private readonly Dictionary<Value, ElementType> _decided = [];
    private readonly HashSet<Value> _wantedAsSingle = [];
    private readonly Dictionary<Value, Value> _values = [];
    private readonly Dictionary<(Value, ElementType), Value> _casts = [];

    private HalfPrecision(GraphBuilder source) => (_source, _graph, _nodes) = (source, new GraphBuilder(source.Name), source.LiveNodes());

    /// <summary>Rewrites a graph; gradients are not asked of the result.</summary>
    public static GraphBuilder Of(GraphBuilder source)
    {
        HalfPrecision rewriting = new(source);
        rewriting.FindCompared();
        rewriting.Decide();
        rewriting.FindSingles();
        rewriting.Rewrite();
        return rewriting._graph;
    }

    // A product that is compared decides which side of a threshold something lies on.
    private void FindCompared()
    {
        HashSet<Value> compared = [];
        foreach (Node node in Enumerable.Reverse(_nodes))
        {
            if (Comparisons.Contains(node.Op) || (Movers.Contains(node.Op) && node.Outputs.Any(compared.Contains)))
            {
                compared.UnionWith(Floats(node));
            }
            else if (node.Outputs.Any(compared.Contains))
            {
                _compared.Add(node);
            }
        }
    }

    // What is not decided here (parameters, constants, and what only moves them) has the type that its readers want.
    private void Decide()
    {
        foreach (Value input in _source.Inputs.Where(input => input.Type == ElementType.Float))
        {
            _decided.Add(input, ElementType.Float);
        }

        foreach (Node node in _nodes)
        {
            ElementType[] inputs = [.. Floats(node).Where(_decided.ContainsKey).Select(input => _decided[input])];
            if (!Movers.Contains(node.Op) || inputs.Length > 0 || !Floats(node).All(FitsHalf))
            {
                ElementType type = IsHalf(node, inputs) ? ElementType.Float16 : ElementType.Float;
                Array.ForEach([.. node.Outputs.Where(output => output.Type == ElementType.Float)], output => _decided[output] = type);
            }
        }
    }

    private bool IsHalf(Node node, ElementType[] inputs)
    {
        bool follows = inputs.Length > 0 && (Followers.Contains(node.Op) || Movers.Contains(node.Op)) && !inputs.Contains(ElementType.Float);
        return (follows || Products.Contains(node.Op)) && !_compared.Contains(node) && Floats(node).All(FitsHalf);
    }

    private void FindSingles()
    {
        foreach (Node node in Enumerable.Reverse(_nodes).Where(node => !Readers.Contains(node.Op)))
        {
            Value? output = node.Outputs.FirstOrDefault(output => output.Type == ElementType.Float);
            bool single = output is null || (_decided.TryGetValue(output, out ElementType type)
                ? type == ElementType.Float
                : node.Outputs.Any(_wantedAsSingle.Contains));
            if (single)
            {
                _wantedAsSingle.UnionWith(Floats(node));
            }
        }

        _wantedAsSingle.UnionWith(_source.Outputs.Select(output => output.Value));
    }

    private void Rewrite()
    {
        HashSet<Value> read = [.. _nodes.SelectMany(node => node.Inputs).OfType<Value>()];
        foreach (Value input in _source.Inputs)
        {
            _values.Add(input, _graph.Input(input.Name, input.Type, input.Shape));
        }

        foreach (Parameter parameter in _source.Parameters.Where(parameter => read.Contains(parameter.Value)))
        {
            bool half = parameter.Type == ElementType.Float && !_wantedAsSingle.Contains(parameter.Value);
            ElementType type = half ? ElementType.Float16 : parameter.Type;
            _values.Add(parameter.Value, _graph.Parameter(parameter.Name, parameter.Shape, parameter.Initializer, parameter.Kind, type));
        }

        foreach (Node node in _nodes)
        {
            Append(node);
        }

        foreach ((string name, Value value) in _source.Outputs)
        {
            _graph.Output(name, As(value, value.Type));
        }
    }

    private void Append(Node node)
    {
        ElementType type = TypeOf(node);
        Value?[] inputs = [.. node.Inputs.Select(input => input is null ? null : Readers.Contains(node.Op) ? Now(input) : As(input, type))];
        ElementType Kept(Value output) => output.Type == ElementType.Float && node.Op != "Cast" ? type : output.Type;
        (string, object)[] attributes = [.. node.Attributes.Select(attribute => (attribute.Key, attribute.Value))];
        IReadOnlyList<Value> outputs =
            _graph.EmitMany(node.Op, node.Domain, inputs, [.. node.Outputs.Select(output => (Kept(output), output.Shape))], attributes);
        for (int i = 0; i < outputs.Count; i++)
        {
            _values.Add(node.Outputs[i], outputs[i]);
        }
    }

    private ElementType TypeOf(Node node)
    {
        Value? output = node.Outputs.FirstOrDefault(output => output.Type == ElementType.Float);
        return output is null || _wantedAsSingle.Contains(output) && !_decided.ContainsKey(output) ? ElementType.Float
            : _decided.GetValueOrDefault(output, ElementType.Float16);
    }

    // Numbers of other kinds stay what they are.
    private Value As(Value value, ElementType type)
    {
        if (value.Type != ElementType.Float)
        {
            return Now(value);
        }

        if (value.Literal is Literal literal)
        {
            return _graph.Constant(type == ElementType.Float16 && FitsHalf(value) ? Halved(literal) : literal);
        }

        Value now = Now(value);
        if (now.Type == type)
        {
            return now;
        }

        if (!_casts.TryGetValue((now, type), out Value? cast))
        {
            cast = _graph.Cast(now, type);
            _casts.Add((now, type), cast);
        }

        return cast;
    }

    private Value Now(Value value) => value.Literal is Literal literal ? _graph.Constant(literal) : _values[value];

    private static IEnumerable<Value> Floats(Node node) => node.Inputs.OfType<Value>().Where(input => input.Type == ElementType.Float);

    private static bool FitsHalf(Value value)
    {
        foreach (float number in value.Literal is Literal literal ? literal.Floats : [])
        {
            if (number != 0 && !(Math.Abs(number) >= 6.2e-5f && Math.Abs(number) <= 65504))
            {
                return false;
            }
        }

        return true;
    }

    private static Literal Halved(Literal literal)
    {
        byte[] halves = new byte[literal.Data.Length / 2];
        for (int i = 0; i < literal.Floats.Length; i++)
        {
            BitConverter.TryWriteBytes(halves.AsSpan(2 * i), (Half)literal.Floats[i]);
        }

        return new Literal(ElementType.Float16, literal.Sizes, halves);
    }
}
