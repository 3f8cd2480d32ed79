using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Linear layers of many rows, and the gradients of their inputs, after Goto and van de Geijn (2008): the matrix is laid out in panels as wide as a
/// tile, rows likewise in blocks that stay in a cache, and each tile of y is added up in registers. Every element is added up in one order, whatever
/// the ranges. Right on any processor, fast with AVX-512.
/// </summary>
public static unsafe class Linear
{
    private const int TileRows = LinearShape.TileRows;
    private const int TileColumns = LinearShape.TileColumns;

    /// <summary>Lays out panels from..to of the matrix: part of K by part of K, panel by panel, row by row; columns beyond O are zeros.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="matrix">[O, K] where <paramref name="transposed"/>, else [K, O].</param>
    /// <param name="transposed">Which of the two.</param>
    /// <param name="packed">Receives <see cref="LinearShape.PackedFloats"/>.</param>
    /// <param name="from">First panel.</param>
    /// <param name="to">Behind the last one.</param>
    public static void Pack(LinearShape shape, HostSpan<float> matrix, bool transposed, HostSpan<float> packed, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Panels, "panels");
        float* source = matrix.Pointer((long)shape.Inner * shape.Outputs, "matrix", "K·O");
        LinearPacking.Panels(shape, source, transposed, packed.Pointer(shape.PackedFloats, "packed", "panels"), from, to);
    }

    /// <summary>Rows of tiles from..to of y = x · matrix + bias.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[R, K].</param>
    /// <param name="packed">The matrix as <see cref="Pack"/> lays it out.</param>
    /// <param name="bias">[O], or empty.</param>
    /// <param name="y">Receives [R, O].</param>
    /// <param name="from">First tile.</param>
    /// <param name="to">Behind the last one.</param>
    public static void Multiply(
        LinearShape shape, HostSpan<float> x, HostSpan<float> packed, HostSpan<float> bias, HostSpan<float> y, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Tiles, "tiles");
        float* rows = x.Pointer((long)shape.Rows * shape.Inner, "x", "R·K");
        float* panels = packed.Pointer(shape.PackedFloats, "packed", "panels");
        float* first = bias.Pointer(bias.Length == 0 ? 0 : shape.Outputs, "bias", "O");
        float* target = y.Pointer((long)shape.Rows * shape.Outputs, "y", "R·O");
        Blocks(shape, rows, panels, bias.Length == 0 ? null : first, target, from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Blocks(LinearShape shape, float* x, float* packed, float* bias, float* y, int from, int to)
    {
        float* block = Scratch.Floats((long)LinearShape.TilesAtOnce * TileRows * shape.Depth);
        for (int column = 0; column < shape.Outputs; column += LinearShape.ColumnsAtOnce)
        {
            int columnEnd = Math.Min(column + LinearShape.ColumnsAtOnce, shape.Outputs);
            for (int k = 0; k < shape.Inner; k += shape.Depth)
            {
                Part part = new(shape, k, Math.Min(shape.Depth, shape.Inner - k), column, columnEnd, packed, bias, y);
                for (int tile = from; tile < to; tile += LinearShape.TilesAtOnce)
                {
                    (int row, int end) = (tile * TileRows, Math.Min(Math.Min(tile + LinearShape.TilesAtOnce, to) * TileRows, shape.Rows));
                    LinearPacking.Rows(x + ((long)row * shape.Inner) + k, shape.Inner, end - row, part.Depth, block);
                    part.Add(block, row, end);
                }
            }
        }
    }

    // A part of K and a range of columns: adds its share to the rows of a block.
    private readonly struct Part(LinearShape shape, int k, int depth, int column, int columnEnd, float* packed, float* bias, float* y)
    {
        public int Depth => depth;

        public void Add(float* block, int row, int end)
        {
            float* zeros = stackalloc float[TileColumns];
            Unsafe.InitBlock(zeros, 0, TileColumns * sizeof(float));
            for (int j = column; j < columnEnd; j += TileColumns)
            {
                float* panel = packed + ((long)k * shape.Panels * TileColumns) + ((long)j * depth);
                float* first = bias is null ? zeros : bias + j;
                for (int i = row; i < end; i += TileRows)
                {
                    float* target = y + ((long)i * shape.Outputs) + j;
                    float* before = k == 0 ? first : target;
                    Tile tile = new(block + ((long)(i - row) * depth), panel, depth, before, k == 0 ? 0 : shape.Outputs, target, shape.Outputs);
                    tile.Add(Math.Min(TileRows, end - i), Math.Min(TileColumns, columnEnd - j));
                }
            }
        }
    }

    // A tile: target = before + block · panel. At the edges it is added up in a tile of its own.
    private readonly struct Tile(float* block, float* panel, int depth, float* before, int beforeStride, float* target, int stride)
    {
        public void Add(int rows, int columns)
        {
            if (rows == TileRows && columns == TileColumns)
            {
                LinearTile.Add(block, panel, depth, before, beforeStride, target, stride);
                return;
            }

            float* whole = stackalloc float[TileRows * TileColumns];
            Copy(before, beforeStride, whole, TileColumns, rows, columns);
            LinearTile.Add(block, panel, depth, whole, TileColumns, whole, TileColumns);
            Copy(whole, TileColumns, target, stride, rows, columns);
        }

        private static void Copy(float* from, int fromStride, float* to, int toStride, int rows, int columns)
        {
            for (int row = 0; row < rows; row++)
            {
                Unsafe.CopyBlock(to + ((long)row * toStride), from + ((long)row * fromStride), (uint)(columns * sizeof(float)));
            }
        }
    }
}
