using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>
/// A map cut into windows, within which its cells attend; where windows stand out at the right and at the bottom, the map is filled up with zeros. A
/// map that is one window is attended to as a whole.
/// </summary>
/// <param name="rows">Rows of the map.</param>
/// <param name="columns">Columns of the map.</param>
/// <param name="height">Rows of a window.</param>
/// <param name="width">Columns of a window.</param>
internal sealed class MapWindows(long rows, long columns, long height, long width)
{
    private readonly long _down = (rows + height - 1) / height;
    private readonly long _across = (columns + width - 1) / width;

    // N maps · H×W with what is filled up · k windows a map · h×w a window · M heads · C channels of a head
    /// <summary>map [N, rows, columns, D] to [N, H, W, D].</summary>
    public Value Pad(GraphBuilder g, Value map) => g.Pad(map, [0, 0, 0, 0], [0, (_down * height) - rows, (_across * width) - columns, 0]);

    /// <summary>
    /// Queries, keys and values, [N · k, M, h · w, C] each, of a projection [N, H, W, 3 · M · C] that holds the three one behind the other, or, by head, those
    /// of each head. Windows and heads are told apart in one move.
    /// </summary>
    public IReadOnlyList<Value> Parts(GraphBuilder g, Value projection, long heads, bool byHead)
    {
        (long strips, long channels) = (projection.Shape[0].Size * _down, projection.Shape[3].Size / (3 * heads));
        Value parts = byHead
            ? g.Transpose(g.Reshape(projection, [strips, height, _across, width, heads, 3, channels]), 5, 0, 2, 4, 1, 3, 6)
            : g.Transpose(g.Reshape(projection, [strips, height, _across, width, 3, heads, channels]), 4, 0, 2, 5, 1, 3, 6);
        return [.. g.Split(parts, 0, 1, 1, 1).Select(part => g.Reshape(part, [strips * _across, heads, height * width, channels]))];
    }

    /// <summary>What came of the windows, [N · k, M, h · w, C], as a map [N, rows, columns, M · C]; what was filled up is left out.</summary>
    public Value Join(GraphBuilder g, Value mixed)
    {
        (long strips, long heads, long channels) = (mixed.Shape[0].Size / _across, mixed.Shape[1].Size, mixed.Shape[3].Size);
        Value map = g.Transpose(g.Reshape(mixed, [strips, _across, heads, height, width, channels]), 0, 3, 1, 4, 2, 5);
        map = g.Reshape(map, [strips / _down, _down * height, _across * width, heads * channels]);
        return g.Slice(g.Slice(map, 1, 0, rows), 2, 0, columns);
    }
}
