using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <summary>
/// The same step with the operands of its products in half precision, forward and backward: convolutions, matrix products and linear layers, the list
/// that torch.autocast casts (PyTorch, "Automatic Mixed Precision package", CUDA ops that autocast to float16; Micikevicius et al. 2018, section 3).
/// Their results are cast back, so that everything else stays in single precision: sums, normalisations, softmax, losses, matching, deformable
/// attention, and whatever was written in <see cref="GraphBuilder.InSingle"/>. Inputs, outputs and parameters keep their types.
/// </summary>
public sealed class MixedPrecision
{
    /// <summary>Input of a graph with gradients: what they are multiplied with on their way, float [1].</summary>
    public const string Scale = "loss.scale";

    private static readonly HashSet<string> Products = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Linear", "LinearGrad", "DepthwiseConv"];

    // What only moves numbers is done to the halves, which are half as many bytes.
    private static readonly HashSet<string> Movers = ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Slice", "Expand", "Pad", "Identity"];

    private readonly GraphBuilder _source;
    private readonly GraphBuilder _graph;
    private readonly Dictionary<Value, Value> _values = [];
    private readonly Dictionary<Value, Value> _halves = [];

    private MixedPrecision(GraphBuilder source) => (_source, _graph) = (source, new GraphBuilder(source.Name));

    /// <summary>Rewrites a graph that gives no gradients: a frozen encoder, a teacher. The source is left as it is.</summary>
    public static GraphBuilder Of(GraphBuilder source)
    {
        MixedPrecision rewriting = new(source);
        rewriting.Declare();
        rewriting.Append();
        rewriting.GiveOut(value => value, _ => false);
        return rewriting._graph;
    }

    /// <summary>
    /// Rewrites a graph with its gradients, whose small numbers half precision lacks: they begin with <see cref="Scale"/> and are divided by it.
    /// </summary>
    /// <param name="source">The finished graph; it is left as it is.</param>
    /// <param name="seed">What the backward pass begins with (<see cref="Gradients.Seed"/>).</param>
    /// <param name="isGradient">Which outputs are divided, by their names.</param>
    public static GraphBuilder Of(GraphBuilder source, Value seed, Func<string, bool> isGradient)
    {
        MixedPrecision rewriting = new(source);
        rewriting.Declare();
        GraphBuilder g = rewriting._graph;
        Value scale = g.Input(Scale, ElementType.Float, [1]);
        rewriting._values.Add(seed, g.Reshape(scale, seed.Shape));
        rewriting.Append();
        Value inverse = g.Reshape(g.Div(1f, scale), []);
        rewriting.GiveOut(gradient => g.Mul(gradient, inverse), isGradient);
        return g;
    }

    private void Declare()
    {
        foreach (Value input in _source.Inputs)
        {
            _values.Add(input, _graph.Input(input.Name, input.Type, input.Shape));
        }

        foreach (Parameter parameter in _source.Parameters)
        {
            _values.Add(parameter.Value, _graph.Parameter(parameter.Name, parameter.Shape, parameter.Initializer, parameter.Kind, parameter.Type));
        }
    }

    private void Append()
    {
        foreach (Node node in _source.LiveNodes().Where(node => !node.Outputs.Any(_values.ContainsKey)))
        {
            if (IsProduct(node))
            {
                Value half = AppendProduct(node);
                _halves.Add(node.Outputs[0], half);
                _values.Add(node.Outputs[0], _graph.Cast(half, ElementType.Float));
            }
            else if (node is { Domain: GraphBuilder.Domain, Op: "ConvWeightGrad", InSingle: false })
            {
                _values.Add(node.Outputs[0], WeightGradient(node));
            }
            else
            {
                AppendAsItIs(node);
            }
        }
    }

    private void GiveOut(Func<Value, Value> divide, Func<string, bool> isGradient)
    {
        foreach ((string name, Value value) in _source.Outputs)
        {
            _graph.Output(name, isGradient(name) ? divide(Now(value)) : Now(value));
        }
    }

    private static bool IsProduct(Node node)
        => Products.Contains(node.Op) && !node.InSingle && node.Inputs.All(input => input is null or { Type: ElementType.Float });

    // Our own products compute in single precision; in half a runtime's own is asked for, which is their lowering.
    private Value AppendProduct(Node node)
    {
        (string op, (string, object)[] attributes) = node.Op switch
        {
            "Linear" => ("Gemm", [("transA", 0L), ("transB", 1L)]),
            "LinearGrad" => ("Gemm", [("transA", 0L), ("transB", 0L)]),
            "DepthwiseConv" => ("Conv", AttributesOf(node)),
            _ => (node.Op, AttributesOf(node)),
        };
        Value?[] halves = [.. node.Inputs.Select(input => input is null ? null : Half(input))];
        return _graph.EmitMany(op, "", halves, [(ElementType.Float16, node.Outputs[0].Shape)], attributes)[0];
    }

    // Likewise; what the product of each image gives is added up in single precision.
    private Value WeightGradient(Node node) => GradientRules.WeightGradientByColumns(
        _graph, Half(node.Input(1)), Half(node.Input(0)), node.Outputs[0].Shape, new GradientRules.ConvGeometry(1, 1, 1, 1),
        product => _graph.Cast(product, ElementType.Float));

    private void AppendAsItIs(Node node)
    {
        IReadOnlyList<Value> outputs = _graph.EmitMany(node.Op, node.Domain, [.. node.Inputs.Select(input => input is null ? null : Now(input))],
            [.. node.Outputs.Select(output => (output.Type, output.Shape))], AttributesOf(node));
        for (int i = 0; i < outputs.Count; i++)
        {
            _values.Add(node.Outputs[i], outputs[i]);
        }
    }

    // A value is cast once; the result of a product is there already.
    private Value Half(Value value)
    {
        if (!_halves.TryGetValue(value, out Value? half))
        {
            half = value.Producer is { Domain: "" } mover && Movers.Contains(mover.Op) ? Moved(mover) : _graph.Cast(Now(value), ElementType.Float16);
            _halves.Add(value, half);
        }

        return half;
    }

    private Value Moved(Node mover)
    {
        Value?[] inputs = [.. mover.Inputs.Select(input => input is { Type: ElementType.Float } ? Half(input) : input is null ? null : Now(input))];
        return _graph.EmitMany(mover.Op, "", inputs, [(ElementType.Float16, mover.Outputs[0].Shape)], AttributesOf(mover))[0];
    }

    private Value Now(Value value) => _values.GetValueOrDefault(value) ?? _graph.Constant(value.Literal!);

    private static (string, object)[] AttributesOf(Node node) => [.. node.Attributes.Select(attribute => (attribute.Key, attribute.Value))];
}
