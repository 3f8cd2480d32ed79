namespace Clouds.Runtime.Kernels;

/// <summary>
/// Puts points into the order of the cells between four pixels that they are sampled from, row after row (kernels.md section 7): neighbours
/// then share memory sectors and cache lines. For points whose order says nothing, as those of an average.
/// </summary>
/// <remarks>A counting sort, so points of one cell keep their order. Owns its scratch; for one thread at a time.</remarks>
/// <param name="height">Height of the planes that are sampled.</param>
/// <param name="width">Width of the planes.</param>
public sealed class PointOrder(int height, int width)
{
    // A cell more than pixels on each axis: half a pixel sticks out on both sides.
    private readonly int[] _next = new int[((height + 1) * (width + 1)) + 1];
    private int[] _cells = [];
    private float[] _drawn = [];

    /// <summary>Orders the points of one image.</summary>
    /// <param name="points">[P, 2] as (x, y); those outside 0..1 count to the nearest cell.</param>
    public void Sort(Span<float> points)
    {
        Reserve(points.Length);
        points.CopyTo(_drawn);
        Array.Clear(_next);
        Span<int> cells = _cells.AsSpan(0, points.Length / 2);
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = (Cell(points[(2 * i) + 1], height) * (width + 1)) + Cell(points[2 * i], width);
            _next[cells[i] + 1]++;
        }

        for (int cell = 1; cell < _next.Length; cell++)
        {
            _next[cell] += _next[cell - 1];
        }

        for (int i = 0; i < cells.Length; i++)
        {
            int at = 2 * _next[cells[i]]++;
            (points[at], points[at + 1]) = (_drawn[2 * i], _drawn[(2 * i) + 1]);
        }
    }

    private static int Cell(float location, int size) => (int)Math.Clamp(MathF.Floor((location * size) + 0.5f), 0, size);

    private void Reserve(int floats)
    {
        if (_drawn.Length < floats)
        {
            (_cells, _drawn) = (new int[floats / 2], new float[floats]);
        }
    }
}
