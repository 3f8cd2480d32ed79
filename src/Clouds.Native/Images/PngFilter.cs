using System.Numerics;
using System.Runtime.InteropServices;

namespace Clouds.Native.Images;

/// <summary>Undoes the five row filters of PNG (specification, section 9.2).</summary>
internal static class PngFilter
{
    /// <summary>Turns a filtered row into its bytes, in place.</summary>
    /// <param name="filter">The row's filter byte.</param>
    /// <param name="row">The row's bytes.</param>
    /// <param name="above">The row above, already undone; zeros above the first row.</param>
    /// <param name="distance">Bytes to the pixel before, at least 1.</param>
    /// <returns>False where the filter byte is none of the five.</returns>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                Sub(row, distance);
                return true;
            case 2:
                Up(row, above);
                return true;
            case 3:
                Average(row, above, distance);
                return true;
            case 4:
                Paeth(row, above, distance);
                return true;
            default:
                return false;
        }
    }

    private static void Sub(Span<byte> row, int distance)
    {
        if (distance == 1)
        {
            int sum = 0;
            for (int i = 0; i < row.Length; i++)
            {
                sum += row[i];
                row[i] = (byte)sum;
            }

            return;
        }

        for (int i = distance; i < row.Length; i++)
        {
            row[i] += row[i - distance];
        }
    }

    private static void Up(Span<byte> row, ReadOnlySpan<byte> above)
    {
        Span<Vector<byte>> wide = MemoryMarshal.Cast<byte, Vector<byte>>(row);
        ReadOnlySpan<Vector<byte>> wideAbove = MemoryMarshal.Cast<byte, Vector<byte>>(above);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] += wideAbove[i];
        }

        for (int i = wide.Length * Vector<byte>.Count; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    private static void Average(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        above = above[..row.Length];
        for (int i = 0; i < Math.Min(distance, row.Length); i++)
        {
            row[i] += (byte)(above[i] >> 1);
        }

        for (int i = distance; i < row.Length; i++)
        {
            row[i] += (byte)((row[i - distance] + above[i]) >> 1);
        }
    }

    private static void Paeth(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        above = above[..row.Length];
        for (int i = 0; i < Math.Min(distance, row.Length); i++)
        {
            row[i] += above[i];
        }

        for (int i = distance; i < row.Length; i++)
        {
            row[i] += (byte)Predict(row[i - distance], above[i], above[i - distance]);
        }
    }

    // Of left, up and corner the one nearest to left + up - corner; ties in that order. Conditional moves, no branches.
    private static int Predict(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner);
        int toUp = Math.Abs(left - corner);
        int toCorner = Math.Abs(left + up - corner - corner);
        int nearest = toUp <= toCorner ? up : corner;
        return toLeft <= Math.Min(toUp, toCorner) ? left : nearest;
    }
}
