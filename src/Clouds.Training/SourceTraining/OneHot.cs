using Clouds.Graph.Building;

namespace Clouds.Training.SourceTraining;

/// <summary>Numbers as rows with a single 1.</summary>
internal static class OneHot
{
    /// <summary>index [N, T] to [N, T, count]: 1 at the index, else 0.</summary>
    public static Value Of(GraphBuilder g, Value index, long count)
    {
        Value range = g.Constant(Literal.Of([.. Enumerable.Range(0, (int)count).Select(i => (long)i)], 1, 1, count));
        return g.Cast(g.Equal(g.Unsqueeze(index, 2), range), ElementType.Float);
    }
}
