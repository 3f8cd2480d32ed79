namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of class scores [K, H, W].</summary>
/// <param name="Classes">K.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public readonly record struct ScoreShape(int Classes, int Height, int Width)
{
    /// <summary>All of them.</summary>
    public long Elements => (long)Classes * Height * Width;
}

/// <summary>
/// Sums of the class scores of several looks at one image, in place, and the labels that they mean. Runs on the processor wherever the network runs: a look
/// at 2048 x 1024 pixels brings 160 MB of scores of 19 classes.
/// </summary>
public static class ScoreSum
{
    /// <summary>Adds the scores of a window, each times the weights of its row and column.</summary>
    /// <param name="sum">[K, H, W].</param>
    /// <param name="shape">Sizes of the sum.</param>
    /// <param name="scores">[K, rows.Length, columns.Length]; may be longer.</param>
    /// <param name="rows">Rows of the image, as it was looked at, that the window covers.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="mirrored">Whether the image was looked at from right to left.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <param name="cancellation">Checked between blocks of rows.</param>
    public static void Add(
        float[] sum, ScoreShape shape, float[] scores, WindowSpan rows, WindowSpan columns, bool mirrored, int threads = 0,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sum.LongLength, shape.Elements, nameof(sum));
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.LongLength, (long)shape.Classes * rows.Length * columns.Length, nameof(scores));
        WorkSplit.Run(threads, shape.Classes * rows.Length, (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                int y = rows.Start + (row % rows.Length);
                ReadOnlySpan<float> source = scores.AsSpan(row * columns.Length, columns.Length);
                AddRow(Row(sum, shape, row / rows.Length, y), source, columns.Start, rows.Axis.Weight[y], columns.Axis.Weight, mirrored);
            }
        }, cancellation);
    }

    /// <summary>Adds scores of another size, resized bilinearly (align_corners = false).</summary>
    /// <param name="sum">[K, H, W].</param>
    /// <param name="shape">Sizes of the sum.</param>
    /// <param name="scores">[K, h, w]; may be longer.</param>
    /// <param name="of">Sizes of the scores.</param>
    /// <param name="mirrored">Whether the image was looked at from right to left.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <param name="cancellation">Checked between blocks of rows.</param>
    public static void AddResized(
        float[] sum, ScoreShape shape, float[] scores, ScoreShape of, bool mirrored, int threads = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(of.Classes, shape.Classes);
        BilinearAxis x = new(of.Width, shape.Width, shape.Width), y = new(of.Height, shape.Height, shape.Height);
        WorkSplit.Run(threads, shape.Classes * shape.Height, (from, to) =>
        {
            float[] mixed = new float[of.Width];
            for (int row = from; row < to; row++)
            {
                (int plane, int line) = (row / shape.Height, row % shape.Height);
                Mix(Row(scores, of, plane, y.First[line]), Row(scores, of, plane, y.Second[line]), y.Fraction[line], mixed);
                Span<float> target = Row(sum, shape, plane, line);
                for (int i = 0; i < target.Length; i++)
                {
                    float lower = mixed[x.First[i]];
                    target[mirrored ? target.Length - 1 - i : i] += MathF.FusedMultiplyAdd(x.Fraction[i], mixed[x.Second[i]] - lower, lower);
                }
            }
        }, cancellation);
    }

    /// <summary>The class of the largest sum for every pixel, the lowest one on ties.</summary>
    /// <param name="sum">[K, H, W].</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="labels">[H, W], overwritten.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <param name="cancellation">Checked between blocks of rows.</param>
    public static void Labels(float[] sum, ScoreShape shape, ushort[] labels, int threads = 0, CancellationToken cancellation = default) =>
        WorkSplit.Run(threads, shape.Height, (from, to) =>
        {
            float[] best = new float[shape.Width];
            for (int y = from; y < to; y++)
            {
                Array.Fill(best, float.NegativeInfinity);
                Span<ushort> line = labels.AsSpan(y * shape.Width, shape.Width);
                line.Fill(SemanticInference.NoLabel);
                for (int k = 0; k < shape.Classes; k++)
                {
                    ReadOnlySpan<float> scores = Row(sum, shape, k, y);
                    for (int x = 0; x < scores.Length; x++)
                    {
                        if (scores[x] > best[x])
                        {
                            (best[x], line[x]) = (scores[x], (ushort)k);
                        }
                    }
                }
            }
        }, cancellation);

    private static Span<float> Row(float[] planes, ScoreShape shape, int plane, int y) =>
        planes.AsSpan(((plane * shape.Height) + y) * shape.Width, shape.Width);

    private static void AddRow(Span<float> sum, ReadOnlySpan<float> scores, int start, float weight, float[] weights, bool mirrored)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            int x = start + i;
            sum[mirrored ? sum.Length - 1 - x : x] += scores[i] * (weight * weights[x]);
        }
    }

    private static void Mix(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float fraction, Span<float> mixed)
    {
        for (int x = 0; x < mixed.Length; x++)
        {
            mixed[x] = MathF.FusedMultiplyAdd(fraction, second[x] - first[x], first[x]);
        }
    }
}
