using Clouds.Graph.Building;

namespace Clouds.Models.MaskClassifier;

/// <summary>Where the queries of deformable attention look before they are told where: each at its own pixel, on all levels (method.md section 1.3).</summary>
/// <param name="Levels">Height and width of each level in turn, coarse to fine.</param>
/// <param name="Reference">[1, S, 1, L·P·2]: the pixel's centre (x, y) in 0..1 over the full extent, the same for all levels and points.</param>
/// <param name="Step">A pixel of each level as a share of its extent, for all points: broadcasts to [1, 1, M, L·P·2].</param>
public sealed record SamplingGrid(IReadOnlyList<Dim> Levels, Value Reference, Value Step)
{
    // Constants are spread over heads, levels and points: a runtime that repeats two floats at a time takes ten times as long.
    /// <summary>The grid of some levels.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="levels">Height and width of each in turn.</param>
    /// <param name="heads">M.</param>
    /// <param name="points">P.</param>
    public static SamplingGrid Of(GraphBuilder g, IReadOnlyList<Dim> levels, long heads, long points)
    {
        long samples = levels.Count / 2 * points;
        if (levels.All(level => level.IsStatic))
        {
            long[] sizes = [.. levels.Select(level => level.Size)];
            float[] units = [.. OffsetUnits(sizes).Chunk(2).SelectMany(unit => Repeated(unit, points))];
            float[] centres = [.. ReferencePoints(sizes).Chunk(2).SelectMany(point => Repeated(point, samples))];
            return new SamplingGrid(levels,
                g.Constant(centres, 1, centres.Length / (2 * samples), 1, 2 * samples),
                g.Constant([.. Repeated(units, heads)], 1, 1, heads, 2 * samples));
        }

        Value rows = g.Concat(0, [.. levels.Chunk(2).Select(level => Centres(g, level[0], level[1]))]);         // [S, 2]
        Value reference = g.Unsqueeze(g.Unsqueeze(g.Concat(1, [.. Repeated([rows], samples)]), 1), 0);
        return new SamplingGrid(levels, reference, g.Concat(0, [.. levels.Chunk(2).SelectMany(level => Repeated(Unit(g, level[0], level[1]), points))]));
    }

    /// <summary>Locations [N, S, M, L·P·2] of samples that lie these offsets, in pixels of their level, away.</summary>
    public Value Locations(GraphBuilder g, Value offsets) => g.Add(Reference, g.Mul(offsets, Step));

    /// <summary>Pixel centres of every level in its own unit square, (x, y), coarse to fine.</summary>
    internal static float[] ReferencePoints(long[] levels)
    {
        List<float> points = [];
        for (int l = 0; l < levels.Length; l += 2)
        {
            (long height, long width) = (levels[l], levels[l + 1]);
            for (long i = 0; i < height * width; i++)
            {
                points.Add(((i % width) + 0.5f) / width);
                points.Add(((i / width) + 0.5f) / height);
            }
        }

        return [.. points];
    }

    private static float[] OffsetUnits(long[] levels) =>
        [.. Enumerable.Range(0, levels.Length / 2).SelectMany(l => new[] { 1f / levels[(2 * l) + 1], 1f / levels[2 * l] })];

    // A level whose size is known only when the graph runs: the centres of its pixels, [h·w, 2].
    private static Value Centres(GraphBuilder g, Dim height, Dim width)
    {
        Value Along(Dim size, int axis) =>
            g.Unsqueeze(g.Expand(g.Unsqueeze(g.Div(g.Add(g.Counting(size), 0.5f), g.SizeAsFloat(size)), axis), [height, width]), 2);
        return g.Reshape(g.Concat(2, Along(width, 0), Along(height, 1)), [height * width, 2]);
    }

    private static Value[] Unit(GraphBuilder g, Dim height, Dim width) => [g.Reciprocal(g.SizeAsFloat(width)), g.Reciprocal(g.SizeAsFloat(height))];

    private static IEnumerable<T> Repeated<T>(T[] values, long times) => Enumerable.Range(0, (int)times).SelectMany(_ => values);
}
