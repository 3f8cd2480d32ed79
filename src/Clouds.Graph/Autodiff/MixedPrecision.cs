using Clouds.Graph.Building;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Autodiff;

/// <summary>
/// The same step with the operands of its products in half precision, forward and backward: convolutions, matrix products and linear layers, the list
/// that torch.autocast casts (PyTorch, "Automatic Mixed Precision package", CUDA ops that autocast to float16; Micikevicius et al. 2018, section 3).
/// Their results are cast back, so that everything else stays in single precision: sums, normalisations, softmax, losses, matching, deformable
/// attention, and whatever was written in <see cref="GraphBuilder.InSingle"/>. Inputs, outputs and parameters keep their types.
/// </summary>
public static class MixedPrecision
{
    /// <summary>Input of a graph with gradients: what they are multiplied with on their way, float [1].</summary>
    public const string Scale = "loss.scale";

    private static readonly HashSet<string> Products = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Linear", "LinearGrad", "DepthwiseConv"];

    // What only moves numbers is done to the halves, which are half as many bytes.
    private static readonly HashSet<string> Movers = ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Slice", "Expand", "Pad", "Identity"];

    /// <summary>Rewrites a graph that gives no gradients: a frozen encoder, a teacher. The source is left as it is.</summary>
    public static GraphBuilder Of(GraphBuilder source) => new Rewriting(source).Write(value => value, _ => false);

    /// <summary>
    /// Rewrites a graph with its gradients, whose small numbers half precision lacks: they begin with <see cref="Scale"/> and are divided by it.
    /// </summary>
    /// <param name="source">The finished graph; it is left as it is.</param>
    /// <param name="seed">What the backward pass begins with (<see cref="Gradients.Seed"/>).</param>
    /// <param name="isGradient">Which outputs are divided, by their names.</param>
    public static GraphBuilder Of(GraphBuilder source, Value seed, Func<string, bool> isGradient)
        => new Rewriting(source).Write(seed, isGradient);

    private sealed class Rewriting(GraphBuilder source) : GraphRewriting(source)
    {
        private readonly Dictionary<Value, Value> _halves = [];

        public GraphBuilder Write(Value seed, Func<string, bool> isGradient)
        {
            Value scale = Graph.Input(Scale, ElementType.Float, [1]);
            Set(seed, Graph.Reshape(scale, seed.Shape));
            Value? inverse = null;
            return Write(gradient => Graph.Mul(gradient, inverse ??= Graph.Reshape(Graph.Div(1f, scale), [])), isGradient);
        }

        public GraphBuilder Write(Func<Value, Value> divide, Func<string, bool> isGradient)
        {
            foreach (Node node in Open)
            {
                Append(node);
            }

            foreach ((string name, Value value) in Source.Outputs)
            {
                Graph.Output(name, isGradient(name) ? divide(Now(value)) : Now(value));
            }

            return Graph;
        }

        private void Append(Node node)
        {
            if (IsProduct(node))
            {
                Value half = AppendProduct(node);
                _halves.Add(node.Outputs[0], half);
                Set(node.Outputs[0], Graph.Cast(half, ElementType.Float));
            }
            else if (node is { Domain: GraphBuilder.Domain, Op: "ConvWeightGrad", InSingle: false })
            {
                Set(node.Outputs[0], WeightGradient(node));
            }
            else
            {
                Copy(node);
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
            return Graph.EmitMany(op, "", halves, [(ElementType.Float16, node.Outputs[0].Shape)], attributes)[0];
        }

        // Likewise; what the product of each image gives is added up in single precision.
        private Value WeightGradient(Node node) => ConvWeight.OfColumns(
            Graph, Half(node.Input(0)), Half(node.Input(1)), node.Outputs[0].Shape, product => Graph.Cast(product, ElementType.Float));

        // A value is cast once; the result of a product is there already.
        private Value Half(Value value)
        {
            if (!_halves.TryGetValue(value, out Value? half))
            {
                half = value.Producer is { Domain: "" } mover && Movers.Contains(mover.Op) ? Moved(mover) : Graph.Cast(Now(value), ElementType.Float16);
                _halves.Add(value, half);
            }

            return half;
        }

        private Value Moved(Node mover)
        {
            Value?[] inputs = [.. mover.Inputs.Select(input => input is { Type: ElementType.Float } ? Half(input) : input is null ? null : Now(input))];
            return Graph.EmitMany(mover.Op, "", inputs, [(ElementType.Float16, mover.Outputs[0].Shape)], AttributesOf(mover))[0];
        }
    }
}
