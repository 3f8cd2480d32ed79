using Clouds.Graph.Building;
using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Graph.Autodiff;

/// <content>Reductions on each axis, softmax, top-k, normalisation.</content>
internal static partial class GradientCases
{
    private static IEnumerable<GradientCase> Reductions() => [.. ReducedAxes(), .. Softmaxes(), .. Normalisations()];

    private static IEnumerable<GradientCase> ReducedAxes()
    {
        (string Op, Func<GraphBuilder, Value, int, bool, Value> Build)[] ops =
        [
            ("ReduceSum", (g, x, axis, keep) => g.ReduceSum(x, axis, keep)),
            ("ReduceMean", (g, x, axis, keep) => g.ReduceMean(x, axis, keep)),
            ("ReduceMax", (g, x, axis, keep) => g.ReduceMax(x, axis, keep)),
            ("ReduceMin", (g, x, axis, keep) => g.ReduceMin(x, axis, keep)),
        ];
        foreach ((string op, Func<GraphBuilder, Value, int, bool, Value> build) in ops)
        {
            foreach (int axis in new[] { 0, 1, 2, -1 })
            {
                yield return new(op, $"axis {axis} kept", c => build(c.G, c[0], axis, true), Distinct(2, 3, 4));
                yield return new(op, $"axis {axis} dropped", c => build(c.G, c[0], axis, false), Distinct(2, 3, 4));
            }
        }

        yield return new("ReduceSum", "all elements", c => c.G.SumAll(c[0]), U(2, 3, 2));
        yield return new("TopK", "largest", c => c.G.TopK(c[0], 2).Values, Distinct(2, 3, 4));
        yield return new("TopK", "smallest", c => c.G.TopK(c[0], 3, largest: false).Values, Distinct(2, 5));
    }

    private static IEnumerable<GradientCase> Softmaxes()
    {
        foreach (int axis in new[] { 0, 1, -1 })
        {
            yield return new("Softmax", $"axis {axis}", c => c.G.Softmax(c[0], axis), Range(-2, 2, 2, 3, 4));
            yield return new("LogSoftmax", $"axis {axis}", c => c.G.LogSoftmax(c[0], axis), Range(-2, 2, 2, 3, 4));
        }
    }

    private static IEnumerable<GradientCase> Normalisations() =>
    [
        new("LayerNormalization", "three axes", c => c.G.LayerNormalization(c[0], c[1], c[2], 1e-5f), U(2, 2, 5), U(5), U(5)),
        new("LayerNormalization", "large epsilon", c => c.G.LayerNormalization(c[0], c[1], c[2], 0.5f), U(3, 4), U(4), U(4)),
        new("BatchNormalization", "statistics given", c => c.G.BatchNormalization(c[0], c[1], c[2], Statistic(c, 0.3f, -1), Statistic(c, 2, 0.5f), 0.1f),
            U(2, 2, 3, 2), U(2), U(2)),
        // The runtime's group normalisation works in single precision whatever it is given.
        InSingle("GroupNormalization", "two groups", c => c.G.GroupNormalization(c[0], c[1], c[2], 2), U(2, 4, 2, 3), U(4), U(4)) with { Step = 0.02 },
        InSingle("GroupNormalization", "one group", c => c.G.GroupNormalization(c[0], c[1], c[2], 1), U(1, 2, 3, 2), U(2), U(2)) with { Step = 0.02 },
        InSingle("GroupNormalization", "a group a channel", c => c.G.GroupNormalization(c[0], c[1], c[2], 3, 0.1f),
            U(2, 3, 2, 2), U(3), U(3)) with { Step = 0.02 },
    ];

    private static Value Statistic(CaseInputs c, params float[] channels) => c.G.Constant(channels, channels.Length);
}
