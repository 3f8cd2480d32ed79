using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Runtime.Kernels;

/// <summary>Brings matrices into the order in which <see cref="LinearTile"/> reads them.</summary>
internal static unsafe class LinearPacking
{
    private const int TileRows = LinearShape.TileRows;
    private const int TileColumns = LinearShape.TileColumns;

    /// <summary>Panels from..to of the matrix in every part of K.</summary>
    public static void Panels(LinearShape shape, float* matrix, bool transposed, float* packed, int from, int to)
    {
        for (int k = 0; k < shape.Inner; k += shape.Depth)
        {
            int depth = Math.Min(shape.Depth, shape.Inner - k);
            for (int j = from * TileColumns; j < Math.Min(to * TileColumns, shape.Outputs); j += TileColumns)
            {
                int columns = Math.Min(TileColumns, shape.Outputs - j);
                float* panel = packed + ((long)k * shape.Panels * TileColumns) + ((long)j * depth);
                if (transposed)
                {
                    Turn(matrix + ((long)j * shape.Inner) + k, shape.Inner, columns, depth, panel, TileColumns);
                }
                else
                {
                    Copy(matrix + ((long)k * shape.Outputs) + j, shape.Outputs, columns, depth, panel);
                }
            }
        }
    }

    /// <summary>Rows of x, part of K, as tiles one behind the other, [depth, 12] each.</summary>
    public static void Rows(float* x, int stride, int rows, int depth, float* block)
    {
        for (int row = 0; row < rows; row += TileRows)
        {
            Turn(x + ((long)row * stride), stride, Math.Min(TileRows, rows - row), depth, block + ((long)row * depth), TileRows);
        }
    }

    // Depth rows of the matrix, each cut out and filled up with zeros.
    private static void Copy(float* matrix, int stride, int columns, int depth, float* panel)
    {
        for (int k = 0; k < depth; k++, matrix += stride, panel += TileColumns)
        {
            new ReadOnlySpan<float>(matrix, columns).CopyTo(new Span<float>(panel, columns));
            new Span<float>(panel + columns, TileColumns - columns).Clear();
        }
    }

    // rows x depth to depth x width; rows beyond the given ones are zeros.
    private static void Turn(float* source, int stride, int rows, int depth, float* target, int width)
    {
        int row = 0;
        for (; row + 4 <= rows && Avx512F.IsSupported; row += 4)
        {
            TurnFour(source + ((long)row * stride), stride, depth, target + row, width);
        }

        for (; row < width; row++)
        {
            for (int k = 0; k < depth; k++)
            {
                target[((long)k * width) + row] = row < rows ? source[((long)row * stride) + k] : 0;
            }
        }
    }

    private static void TurnFour(float* source, long stride, int depth, float* target, int width)
    {
        int k = 0;
        for (; k + 16 <= depth; k += 16)
        {
            float* at = source + k;
            TurnSixteen(Vector512.Load(at), Vector512.Load(at + stride), Vector512.Load(at + (2 * stride)), Vector512.Load(at + (3 * stride)),
                target + ((long)k * width), width);
        }

        for (; k < depth; k++)
        {
            Vector128.Create(source[k], source[k + stride], source[k + (2 * stride)], source[k + (3 * stride)]).Store(target + ((long)k * width));
        }
    }

    // Within each quarter of 128 bits, four rows of four become four columns.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSixteen(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target, int width)
    {
        (Vector512<double> ab, Vector512<double> cd) = (Avx512F.UnpackLow(a, b).AsDouble(), Avx512F.UnpackLow(c, d).AsDouble());
        (Vector512<float> first, Vector512<float> second) = (Avx512F.UnpackLow(ab, cd).AsSingle(), Avx512F.UnpackHigh(ab, cd).AsSingle());
        (ab, cd) = (Avx512F.UnpackHigh(a, b).AsDouble(), Avx512F.UnpackHigh(c, d).AsDouble());
        (Vector512<float> third, Vector512<float> fourth) = (Avx512F.UnpackLow(ab, cd).AsSingle(), Avx512F.UnpackHigh(ab, cd).AsSingle());
        for (int half = 0; half < 2; half++, target += 8L * width)
        {
            Store(Half(first, half), target, 4 * width);
            Store(Half(second, half), target + width, 4 * width);
            Store(Half(third, half), target + (2 * width), 4 * width);
            Store(Half(fourth, half), target + (3 * width), 4 * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Half(Vector512<float> x, int half) => half == 0 ? x.GetLower() : x.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> x, float* target, int stride)
    {
        x.GetLower().Store(target);
        x.GetUpper().Store(target + stride);
    }
}
