using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Sums of updates by row (kernels.md section 7): updates [B, K, D] are added to the rows indices [B, K] of output [B, R, D], which is cleared
/// first. An index below 0 counts from the end.
/// </summary>
/// <remarks>
/// A unit of work is a tile of one block's rows: some of the columns of all of them or, where rows are narrow, all columns of some. Every
/// element thus belongs to one unit, which takes the updates in the order of the indices: the same bits however the units are divided.
/// </remarks>
public static unsafe class ScatterAdd
{
    /// <summary>Rows of as many floats are divided by columns: then a row that all updates name does not keep one thread busy alone.</summary>
    private const int WideRow = 64;

    /// <summary>Every tile of narrow rows reads all indices, so there are only a few.</summary>
    private const int NarrowTiles = 4;

    /// <summary>Floats that are cleared at once.</summary>
    private const int PageFloats = 16 * 1024;

    /// <summary>Clears the pages from..to of <see cref="Pages"/>.</summary>
    /// <exception cref="ArgumentException">The length is not the shape's, or the pages lie outside; nothing has been written.</exception>
    public static void Clear(ScatterAddShape shape, HostSpan<float> sums, int from, int to)
    {
        KernelCheck.Range(from, to, Pages(shape), "pages");
        float* output = sums.Pointer(shape.Sums, "sums", "B·R·D");
        long start = (long)from * PageFloats;
        new Span<float>(output + start, (int)(Math.Min((long)to * PageFloats, shape.Sums) - start)).Clear();
    }

    /// <summary>Adds the updates in the units from..to of <see cref="Units"/> to sums that have been cleared.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="updates">[B, K, D].</param>
    /// <param name="indices">[B, K].</param>
    /// <param name="sums">[B, R, D]; the units' part of it grows.</param>
    /// <param name="from">First unit.</param>
    /// <param name="to">Unit behind the last.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the shape's, or the units lie outside, and nothing has been written; or an index names no row.
    /// </exception>
    public static void Add(ScatterAddShape shape, HostSpan<float> updates, HostSpan<long> indices, HostSpan<float> sums, int from, int to)
    {
        KernelCheck.Range(from, to, Units(shape), "units");
        Add(
            updates.Pointer(shape.Terms, "updates", "B·K·D"), indices.Pointer((long)shape.Blocks * shape.Updates, "indices", "B·K"),
            sums.Pointer(shape.Sums, "sums", "B·R·D"), shape, from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(float* updates, long* indices, float* output, ScatterAddShape shape, int from, int to)
    {
        int tiles = TilesOfBlock(shape);
        for (int unit = from; unit < to; unit++)
        {
            (int block, int tile) = (unit / tiles, unit % tiles);
            bool wide = shape.Width >= WideRow;
            (int firstRow, int endRow) = wide ? (0, shape.Rows) : Part(shape.Rows, tile, tiles, 1);
            (int firstColumn, int endColumn) = wide ? Part(shape.Width, tile, tiles, Lanes.Count) : (0, shape.Width);
            float* rows = output + ((long)block * shape.Rows * shape.Width);
            float* next = updates + ((long)block * shape.Updates * shape.Width);
            for (int k = 0; k < shape.Updates; k++, next += shape.Width)
            {
                long row = Row(indices[((long)block * shape.Updates) + k], shape.Rows);
                if (row >= firstRow && row < endRow)
                {
                    AddRow(next + firstColumn, rows + (row * shape.Width) + firstColumn, endColumn - firstColumn);
                }
            }
        }
    }

    /// <summary>Pages to clear.</summary>
    public static int Pages(ScatterAddShape shape) => checked((int)((shape.Sums + PageFloats - 1) / PageFloats));

    /// <summary>Units of work of the additions.</summary>
    public static int Units(ScatterAddShape shape) => checked(shape.Blocks * TilesOfBlock(shape));

    private static int TilesOfBlock(ScatterAddShape shape) => shape.Width >= WideRow
        ? Math.Min(ScatterAddShape.Parts, shape.Width / (WideRow / 2))
        : Math.Clamp(ScatterAddShape.Parts / shape.Blocks, 1, Math.Min(NarrowTiles, shape.Rows));

    private static (int First, int End) Part(int total, int part, int parts, int grain)
    {
        int Border(int i) => i == parts ? total : (int)((long)total * i / parts / grain * grain);
        return (Border(part), Border(part + 1));
    }

    private static long Row(long index, int rows)
    {
        long row = index < 0 ? index + rows : index;
        return row >= 0 && row < rows ? row : throw new ArgumentException($"index {index} names none of {rows} rows");
    }

    private static void AddRow(float* update, float* row, int count)
    {
        int i = 0;
        for (; i + Lanes.Count <= count; i += Lanes.Count)
        {
            (Vector512.Load(row + i) + Vector512.Load(update + i)).Store(row + i);
        }

        for (; i < count; i++)
        {
            row[i] += update[i];
        }
    }
}
