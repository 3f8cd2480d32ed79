using Clouds.Graph.Building;
using static Clouds.Tests.Graph.Autodiff.GradientCase;

namespace Clouds.Tests.Graph.Autodiff;

/// <content>Operators that move elements.</content>
internal static partial class GradientCases
{
    private static IEnumerable<GradientCase> Shapes() => [.. Moves(), .. Cuts(), .. Picks()];

    private static IEnumerable<GradientCase> Moves() =>
    [
        new("Reshape", "plain", c => c.G.Reshape(c[0], [3, 4]), U(2, 6)),
        new("Reshape", "to a scalar", c => c.G.Reshape(c[0], []), U(1, 1)),
        new("Unsqueeze", "in the middle", c => c.G.Unsqueeze(c[0], 1), U(2, 3)),
        new("Unsqueeze", "at the end", c => c.G.Unsqueeze(c[0], -1), U(2, 3)),
        new("Squeeze", "in the middle", c => c.G.Squeeze(c[0], 1), U(2, 1, 3)),
        new("Expand", "ones", c => c.G.Expand(c[0], [2, 3, 4]), U(2, 1, 4)),
        new("Expand", "more axes", c => c.G.Expand(c[0], [2, 3, 4]), U(3, 1)),
        new("Transpose", "three axes in a ring", c => c.G.Transpose(c[0], 1, 2, 0), U(2, 3, 4)),
        new("Transpose", "four axes", c => c.G.Transpose(c[0], 0, 3, 1, 2), U(2, 2, 3, 2)),
        new("Concat", "first axis", c => c.G.Concat(0, c[0], c[1]), U(2, 3), U(1, 3)),
        new("Concat", "last axis, one value twice", c => c.G.Concat(-1, c[0], c[1], c[0]), U(2, 3), U(2, 2)),
    ];

    private static IEnumerable<GradientCase> Cuts() =>
    [
        new("Split", "all parts", c => c.G.Concat(1, [.. c.G.Split(c[0], 1, 2, 1, 2).Reverse().Select(part => c.G.Square(part))]), U(2, 5)),
        new("Split", "two parts unused", c => c.G.Split(c[0], 0, 1, 2, 2)[1], U(5, 2)),
        new("Slice", "unit step", c => c.G.Slice(c[0], 1, 1, 4), U(2, 5)),
        new("Slice", "from the start", c => c.G.Slice(c[0], 0, 0, 2), U(3, 2)),
        new("Slice", "whole axis", c => c.G.Slice(c[0], 0, 0, 3), U(3, 2)),
        new("Slice", "every second", c => c.G.Slice(c[0], 1, 1, 6, 2), U(2, 6, 2)),
        new("Slice", "every third, with a rest", c => c.G.Slice(c[0], 0, 0, 5, 3), U(5, 2)),
        new("Slice", "backwards, whole axis", c => c.G.Flip(c[0], 1), U(2, 5)),
        new("Slice", "backwards, a part", c => c.G.Slice(c[0], 1, 3, 0, -1), U(2, 5)),
        new("Slice", "backwards by two to the first", c => c.G.Slice(c[0], 2, 4, -1, -2), U(2, 2, 5)),
        new("Pad", "all sides", c => c.G.Pad(c[0], [0, 1, 2], [1, 0, 1]), U(2, 2, 3)),
        new("Pad", "negative counts cut", c => c.G.Pad(c[0], [0, -1], [1, -2]), U(2, 5)),
    ];

    private static IEnumerable<GradientCase> Picks() =>
    [
        new("Gather", "first axis, repeated", c => c.G.Gather(c[0], c.G.Integers(2, 0, 2, 2)), U(3, 4)),
        new("Gather", "middle axis, repeated", c => c.G.Gather(c[0], c.G.Integers(1, 1, 0), 1), U(2, 3, 2)),
        new("Gather", "last axis, two index axes", c => c.G.Gather(c[0], Index(c, [3, 0, 0, 1, 3, 3], 2, 3), 2), U(2, 2, 4)),
        new("Gather", "negative axis, scalar index", c => c.G.Gather(c[0], Index(c, [1]), -1), U(2, 3)),
        new("Gather", "negative index", c => c.G.Gather(c[0], c.G.Integers(-1, 0)), U(3, 2)),
        new("GatherElements", "middle axis, repeated", c => c.G.GatherElements(c[0], Index(c, [2, 2, 0, 1, 1, 1, 0, 2], 2, 2, 2), 1), U(2, 3, 2)),
        new("GatherElements", "first axis, shorter on the other", c => c.G.GatherElements(c[0], Index(c, [2, -1, 0, 2], 2, 2), 0), U(3, 4)),
        new("GatherElements", "last axis", c => c.G.GatherElements(c[0], Index(c, [2, 2, 0, 1], 2, 2), -1), U(2, 3)),
        new("GatherND", "rows, repeated", c => c.G.GatherND(c[0], Index(c, [2, 0, 2], 3, 1)), U(3, 2)),
        new("GatherND", "rows on two axes, repeated, negative", c => c.G.GatherND(c[0], Index(c, [1, -1, 0, 2, 1, 2, -2, 0], 4, 2)), U(2, 3, 2)),
        new("GatherND", "rows of each block", c => c.G.GatherND(c[0], Index(c, [2, 0, 2, 1, -1, 1], 2, 3, 1), 1), U(2, 3, 2)),
        new("clouds.ScatterAdd", "rows, repeated", c => c.G.ScatterAdd(c[0], c.G.Integers(2, 0, 2), 4), U(3, 2)),
        new("clouds.ScatterAdd", "single elements, two index axes", c => c.G.ScatterAdd(c[0], Index(c, [1, 1, -3, 0], 2, 2), 3), U(2, 2)),
        new("clouds.ScatterAdd", "rows of each block", c => c.G.ScatterAdd(c[0], Index(c, [0, 2, 2, 1, 1, -1], 2, 3), 3, 1), U(2, 3, 2)),
        new("clouds.ScatterAdd", "one row of each block", c => c.G.ScatterAdd(c[0], c.G.Integers(1, 0), 2, 1), U(2, 3)),
        new("clouds.ScatterAdd", "scalar index", c => c.G.ScatterAdd(c[0], Index(c, [1]), 2), U(3)),
    ];

    private static Value Index(CaseInputs c, long[] values, params long[] sizes) => c.G.Constant(Literal.Of(values, sizes));
}
