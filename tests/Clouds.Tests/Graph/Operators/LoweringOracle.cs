namespace Clouds.Tests.Graph.Operators;

/// <summary>What our operators compute, written as plainly as possible in double precision.</summary>
internal static class LoweringOracle
{
    /// <summary>One of the four pixels around a position, with its bilinear weight and that weight's slopes along x and y in pixels.</summary>
    public readonly record struct Tap(long Row, long Column, double Weight, double SlopeX, double SlopeY);

    /// <summary>The pixels inside a map around the position (x, y) in 0..1.</summary>
    public static IEnumerable<Tap> Taps(double x, double y, long height, long width)
    {
        (double px, double py) = ((x * width) - 0.5, (y * height) - 0.5);
        (double left, double top) = (Math.Floor(px), Math.Floor(py));
        (double fx, double fy) = (px - left, py - top);
        for (int corner = 0; corner < 4; corner++)
        {
            (int right, int below) = (corner & 1, corner >> 1);
            (double wx, double wy) = (right == 1 ? fx : 1 - fx, below == 1 ? fy : 1 - fy);
            (long column, long row) = ((long)left + right, (long)top + below);
            if (column >= 0 && column < width && row >= 0 && row < height)
            {
                yield return new Tap(row, column, wx * wy, (right == 1 ? 1 : -1) * wy * width, (below == 1 ? 1 : -1) * wx * height);
            }
        }
    }

    public static double[] PointSample(TestTensor x, TestTensor points)
    {
        (double[] data, double[] at) = (x.Doubles, points.Doubles);
        (long n, long c, long h, long w, long p) = (x.Sizes[0], x.Sizes[1], x.Sizes[2], x.Sizes[3], points.Sizes[1]);
        double[] y = new double[n * c * p];
        for (long i = 0; i < y.Length; i++)
        {
            (long plane, long point) = (i / p, (i / p / c * p) + (i % p));
            y[i] = Taps(at[2 * point], at[(2 * point) + 1], h, w).Sum(tap => tap.Weight * data[(((plane * h) + tap.Row) * w) + tap.Column]);
        }

        return y;
    }

    public static double[] PointSampleGrad(TestTensor dy, TestTensor points, long h, long w)
    {
        (double[] upstream, double[] at) = (dy.Doubles, points.Doubles);
        (long n, long c, long p) = (dy.Sizes[0], dy.Sizes[1], dy.Sizes[2]);
        double[] dx = new double[n * c * h * w];
        for (long i = 0; i < upstream.Length; i++)
        {
            (long plane, long point) = (i / p, (i / p / c * p) + (i % p));
            foreach (Tap tap in Taps(at[2 * point], at[(2 * point) + 1], h, w))
            {
                dx[(((plane * h) + tap.Row) * w) + tap.Column] += tap.Weight * upstream[i];
            }
        }

        return dx;
    }

    public static double[] LayerNorm(TestTensor x, TestTensor scale, TestTensor shift, double epsilon)
    {
        int d = scale.Data.Length;
        return [.. x.Doubles.Chunk(d).SelectMany(row =>
        {
            double mean = row.Average();
            double deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + epsilon);
            return row.Select((value, i) => ((value - mean) / deviation * scale.Doubles[i]) + shift.Doubles[i]);
        })];
    }

    /// <summary>The candidates with the smallest |logit|, lowest index first on ties, in the order of the candidates.</summary>
    public static double[] UncertainPoints(TestTensor logits, TestTensor candidates, int count)
    {
        int r = (int)logits.Sizes[1];
        return [.. logits.Doubles.Chunk(r).SelectMany((row, n) => Enumerable.Range(0, r)
            .OrderBy(i => Math.Abs(row[i])).ThenBy(i => i).Take(count).Order()
            .SelectMany(i => new[] { candidates.Doubles[2 * ((n * r) + i)], candidates.Doubles[(2 * ((n * r) + i)) + 1] }))];
    }
}
