using Clouds.Graph.Building;
using Clouds.Graph.Randomness;

namespace Clouds.Tests.Graph.Building;

/// <summary>Inferred shapes with symbols against the runtime's; with numbers every gradient case compares them.</summary>
[Kind(TestKind.Fast)]
public class ShapeRulesTests
{
    private static readonly Dictionary<string, (Shape Input, Func<GraphBuilder, Value, Value> Build, string Expected)> Symbolic = new()
    {
        ["residual convolution"] = (["N", 2, "H", "W"], (g, x) => g.Add(x, g.Conv(x, "c", 2, 3, pad: 1)), "[N, 2, H, W]"),
        ["depthwise convolution"] = (["N", 2, "H", "W"], (g, x) => g.Add(x, g.Conv(x, "c", 2, 7, pad: 3, group: 2)), "[N, 2, H, W]"),
        ["patches, then halves"] =
            (["N", 2, "H", "W"], (g, x) => g.Conv(g.Conv(x, "a", 2, 4, stride: 4), "b", 2, 2, stride: 2), "[N, 2, floor(H/8), floor(W/8)]"),
        ["strided with padding"] = (["N", 2, "H", "W"], (g, x) => g.Conv(x, "a", 2, 3, stride: 2, pad: 1), "[N, 2, floor((H+1)/2), floor((W+1)/2)]"),
        ["transposed convolution"] =
            (["N", 2, "H", "W"], (g, x) => g.ConvTranspose(x, g.Parameter("w", [2, 3, 2, 2], Initialize.Ones), null, stride: 2), "[N, 3, (H*2), (W*2)]"),
        ["pools"] = (["N", 2, "H", "W"], (g, x) => g.AveragePool(g.MaxPool(x, 2, 2), 3, 1, 1), "[N, 2, floor(H/2), floor(W/2)]"),
        ["rows"] = (["N", 2, 3, "W"], (g, x) => g.Transpose(g.Reshape(x, ["N", 6, "W"]), 0, 2, 1), "[N, W, 6]"),
        ["flattened pixels"] = (["N", 2, "H", "W"], (g, x) => g.Reshape(x, ["N", 2, x.Shape[2] * x.Shape[3]]), "[N, 2, (H*W)]"),
        ["linear layer"] = (["N", "S", 4], (g, x) => g.Linear(x, "l", 3), "[N, S, 3]"),
        ["attention"] = (["N", "S", 4], (g, x) => g.MatMul(g.Softmax(g.MatMul(x, g.Transpose(x, 0, 2, 1))), x), "[N, S, 4]"),
        ["concatenation"] = (["N", "S", 4], (g, x) => g.Concat(1, x, x, g.Slice(x, 1, 0, 1)), "[N, ((S+S)+1), 4]"),
        ["layer norms"] = (["N", "S", 4], (g, x) => g.LayerNorm(g.Relu(x), "n", 1e-5f), "[N, S, 4]"),
        ["group norm"] = (["N", 4, "H", "W"], (g, x) => g.GroupNorm(x, "n", 2), "[N, 4, H, W]"),
        ["padding"] = (["N", "S"], (g, x) => g.Pad(x, [0, 2], [0, 1]), "[N, (S+3)]"),
        ["reductions"] = (["N", "S", 4], (g, x) => g.ReduceSum(g.ReduceMax(x, 1, keep: false), 1), "[N, 1]"),
        ["picked rows"] = (["N", "S", 4], (g, x) => g.Gather(x, g.Integers(1, 0, 1), 2), "[N, S, 3]"),
        ["extremes"] = (["N", "S", 4], (g, x) => g.TopK(x, 2).Values, "[N, S, 2]"),
        ["classes"] = (["N", 4, "H", "W"], (g, x) => g.Cast(g.ArgMax(x, 1), ElementType.Float), "[N, H, W]"),
        ["resize"] = (["N", 2, "H", "W"], (g, x) => g.ResizeBilinear(x, 5, 6), "[N, 2, 5, 6]"),
    };

    private static readonly Dictionary<string, Action<GraphBuilder, Func<long[], Value>>> Mistakes = new()
    {
        ["do not broadcast"] = (g, x) => g.Add(x([2, 3]), x([3, 2])),
        ["the element types differ"] = (g, x) => g.Mul(x([2]), g.Integers(1, 2)),
        ["wants a truth value"] = (g, x) => g.Where(x([2]), x([2]), x([2])),
        ["matrix product"] = (g, x) => g.MatMul(x([2, 3]), x([2, 3])),
        ["Gemm of"] = (g, x) => g.Gemm(x([2, 3]), x([2, 3])),
        ["Gemm cannot add"] = (g, x) => g.Gemm(x([2, 3]), x([3, 4]), x([5])),
        ["linear layer of"] = (g, x) => g.Linear(x([2, 3]), x([4, 2]), null),
        ["convolution of"] = (g, x) => g.Conv(x([1, 3, 4, 4]), x([2, 2, 3, 3]), null),
        ["four axes"] = (g, x) => g.Conv(x([3, 4, 4]), x([2, 3, 3, 3]), null),
        ["leaves an extent of -1"] = (g, x) => g.Conv(x([1, 3, 4, 1]), x([2, 3, 3, 3]), null),
        ["bias"] = (g, x) => g.Conv(x([1, 3, 4, 4]), x([2, 3, 3, 3]), x([3])),
        ["groups"] = (g, x) => g.Conv(x([1, 4, 4, 4]), x([3, 2, 3, 3]), null, group: 2),
        ["transposed convolution of"] = (g, x) => g.ConvTranspose(x([1, 3, 4, 4]), x([2, 3, 3, 3]), null),
        ["elements, shape"] = (g, x) => g.Reshape(x([2, 3]), [4, 2]),
        ["name each axis"] = (g, x) => g.Transpose(x([2, 3]), 0, 0),
        ["has not the extent 1"] = (g, x) => g.Squeeze(x([2, 3]), 0),
        ["does not broadcast to"] = (g, x) => g.Expand(x([2, 3]), [2, 1]),
        ["does not join"] = (g, x) => g.Concat(0, x([2, 3]), x([2, 4])),
        ["does not split"] = (g, x) => g.Split(x([2, 3]), 1, 1, 1),
        ["no slice"] = (g, x) => g.Slice(x([2, 3]), 1, 1, 4),
        ["one count an axis"] = (g, x) => g.Pad(x([2, 3]), [1], [1]),
        ["wants integers as indices"] = (g, x) => g.Gather(x([2, 3]), x([2])),
        ["GatherND of"] = (g, x) => g.GatherND(x([2, 3]), g.Constant(Literal.Of([0L, 0, 0], 1, 3))),
        ["the updates' first axes"] = (g, x) => g.ScatterAdd(x([2, 3]), g.Integers(0), 4),
        ["0 rows behind 0 axes"] = (g, x) => g.ScatterAdd(x([2, 3]), g.Integers(0, 0), 0),
        ["4 rows behind 2 axes"] = (g, x) => g.ScatterAdd(x([2, 3]), g.Integers(0, 0), 4, 2),
        ["ScatterND with a reduction"] = (g, x)
            => g.Emit("ScatterND", [x([2, 3]), g.Constant(Literal.Of([0L], 1, 1)), x([1, 3])], ElementType.Float, [2, 3], ("reduction", "add")),
        ["ScatterElements with a reduction"] = (g, x)
            => g.Emit("ScatterElements", [x([3]), g.Integers(0), x([1])], ElementType.Float, [3], ("axis", 0L), ("reduction", "max")),
        ["no 4 extremes"] = (g, x) => g.TopK(x([2, 3]), 4),
        ["layer normalisation of"] = (g, x) => g.LayerNorm(x([2, 3]), x([2]), x([3]), 1e-5f),
        ["group normalisation of"] = (g, x) => g.GroupNormalization(x([1, 3, 2, 2]), x([3]), x([3]), 2),
        ["pooling of"] = (g, x) => g.MaxPool(x([1, 3, 2]), 2, 2),
        ["GridSample of"] = (g, x) => g.GridSample(x([2, 3, 2, 2]), x([1, 3, 2, 2])),
        ["point samples of"] = (g, x) => g.PointSample(x([2, 3, 2, 2]), x([2, 3])),
        ["uncertain points of"] = (g, x) => g.UncertainPoints(x([2, 3]), x([2, 4, 2]), 2),
        ["no 4 points"] = (g, x) => g.UncertainPoints(x([2, 3]), x([2, 3, 2]), 4),
        ["have 4 pixels"] = (g, x) => g.MsDeformAttn(x([1, 5, 2, 3]), x([1, 4, 2, 1, 2, 2]), x([1, 4, 2, 1, 2]), [2, 2]),
        ["assignment by"] = (g, x) => g.Assign(x([1, 5, 2]), x([1, 3])),
        ["axis 2 of shape"] = (g, x) => g.ReduceSum(x([2, 3]), 2),
        ["expected [2, 4]"] = (_, x) => x([2, 3]).Expect([2, 4]),
        ["is taken"] = (g, _) => g.Input("x2", ElementType.Float, g.Input("x2", ElementType.Float, [1]).Shape),
    };

    public static TheoryData<string> SymbolicNames => [.. Symbolic.Keys];

    public static TheoryData<string> MistakeNames => [.. Mistakes.Keys];

    [Theory]
    [MemberData(nameof(SymbolicNames))]
    public void Shape_WithSymbols_IsTheRuntimes(string name)
    {
        (Shape input, Func<GraphBuilder, Value, Value> build, string expected) = Symbolic[name];
        GraphBuilder g = new(name);
        g.Output("y", build(g, g.Input("x", ElementType.Float, input)));
        Assert.Equal(expected, g.Outputs[0].Value.Shape.ToString());
        RandomStream random = new(2, name);
        (string, TestTensor)[] parameters =
            [.. g.Parameters.Select(parameter => (parameter.Name, TestTensor.Of(parameter.Initialize(1), parameter.Shape.Sizes)))];
        Dictionary<string, long> sizes = new() { ["N"] = 2, ["H"] = 19, ["W"] = 24, ["S"] = 5 };

        TestTensor x = TestTensor.Uniform(random, -1, 1, [.. input.Select(dim => SymbolicExtents.Evaluate(dim, sizes))]);

        // The run compares the shapes.
        GraphRun.Once(g, [("x", x), .. parameters]);
    }

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void Operator_OnShapesThatDoNotFit_SaysSo(string message)
    {
        GraphBuilder g = new("mistake");
        int count = 0;
        Value Make(long[] sizes) => g.Input($"x{count++}", ElementType.Float, Shape.Of(sizes));

        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => Mistakes[message](g, Make));

        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void ResizeNearest_AnyPairOfSizes_ReadsTheFlooredIndex()
    {
        for (int from = 1; from <= 24; from++)
        {
            GraphBuilder g = new("nearest");
            Value x = g.Input("x", ElementType.Float, [1, 1, 1, from]);
            for (int to = 1; to <= 24; to++)
            {
                g.Output($"y{to}", g.ResizeNearest(x, 1, to));
            }

            Dictionary<string, TestTensor> results =
                GraphRun.Once(g, ("x", TestTensor.Of([.. Enumerable.Range(0, from).Select(i => (float)i)], 1, 1, 1, from)));

            Assert.All(Enumerable.Range(1, 24), to => Assert.Equal([.. Enumerable.Range(0, to).Select(i => (float)(i * from / to))], results[$"y{to}"].Floats));
        }
    }
}
