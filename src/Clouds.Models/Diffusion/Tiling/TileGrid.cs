using Clouds.Graph.Building;

namespace Clouds.Models.Diffusion.Tiling;

/// <summary>
/// Cuts a map into overlapping tiles and puts together what a network made of them: where two overlap, the one before fades out linearly while the one
/// behind fades in; first from top to bottom, then from left to right, as diffusers does.
/// </summary>
/// <param name="height">Rows of the whole map.</param>
/// <param name="width">Columns.</param>
/// <param name="tile">Rows and columns of a tile, a multiple of four; 0: one tile.</param>
public sealed class TileGrid(int height, int width, int tile)
{
    private readonly IReadOnlyList<TileSpan> _rows = TileAxis.Of(height, tile);
    private readonly IReadOnlyList<TileSpan> _columns = TileAxis.Of(width, tile);

    /// <summary>Tiles, row by row.</summary>
    public IReadOnlyList<(TileSpan Rows, TileSpan Columns)> Tiles => [.. _rows.SelectMany(row => _columns.Select(column => (row, column)))];

    /// <summary>Cuts [N, C, height, width].</summary>
    public IReadOnlyList<Value> Cut(GraphBuilder g, Value map) => [.. Tiles.Select(at => g.Slice(
        g.Slice(map, 2, at.Rows.From, at.Rows.End), 3, at.Columns.From, at.Columns.End))];

    /// <summary>Puts tiles together.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="tiles">[N, C, r h, r w] each, in the order of <see cref="Tiles"/>.</param>
    /// <param name="up">Rows of the result for a row that was cut.</param>
    /// <param name="down">Rows that were cut for a row of the result.</param>
    public Value Join(GraphBuilder g, IReadOnlyList<Value> tiles, int up, int down)
    {
        Value[] faded = [.. tiles];
        for (int i = 0; i < faded.Length; i++)
        {
            (int row, int column) = (i / _columns.Count, i % _columns.Count);
            faded[i] = row > 0 ? Fade(g, faded[i - _columns.Count], faded[i], 2, Overlap(_rows, row) * up / down) : faded[i];
            faded[i] = column > 0 ? Fade(g, faded[i - 1], faded[i], 3, Overlap(_columns, column) * up / down) : faded[i];
        }

        return g.Concat(2, [.. _rows.Select((_, row) => g.Concat(3, [.. _columns.Select((_, column) =>
            Kept(g, faded[(row * _columns.Count) + column], row, column, up, down))]))]);
    }

    private static int Overlap(IReadOnlyList<TileSpan> spans, int i) => spans[i - 1].End - spans[i].From;

    // What the next tile begins with it shows itself.
    private Value Kept(GraphBuilder g, Value value, int row, int column, int up, int down)
    {
        int Length(IReadOnlyList<TileSpan> spans, int i) => (spans[i].Length - (i + 1 < spans.Count ? Overlap(spans, i + 1) : 0)) * up / down;
        return g.Slice(g.Slice(value, 2, 0, Length(_rows, row)), 3, 0, Length(_columns, column));
    }

    private static Value Fade(GraphBuilder g, Value before, Value value, int axis, int overlap)
    {
        (long length, long end) = (value.Shape[axis].Size, before.Shape[axis].Size);
        long[] sizes = [1, 1, axis == 2 ? overlap : 1, axis == 3 ? overlap : 1];
        Value In = g.Constant([.. Enumerable.Range(0, overlap).Select(i => (float)((double)i / overlap))], sizes);
        Value Out = g.Constant([.. Enumerable.Range(0, overlap).Select(i => (float)(1 - ((double)i / overlap)))], sizes);
        Value mixed = g.Add(g.Mul(g.Slice(before, axis, end - overlap, end), Out), g.Mul(g.Slice(value, axis, 0, overlap), In));
        return overlap == length ? mixed : g.Concat(axis, mixed, g.Slice(value, axis, overlap, length));
    }
}
