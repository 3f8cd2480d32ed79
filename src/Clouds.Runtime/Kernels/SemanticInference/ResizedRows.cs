namespace Clouds.Runtime.Kernels;

/// <summary>Resizes the class scores row by row before the argmax: each thread keeps the two score rows around its output row.</summary>
internal abstract unsafe class ResizedRows
{
    /// <summary>Rows for a vector width; the scores are the same bits for all.</summary>
    public static ResizedRows Create(SimdLevel level, SemanticRows rows, SemanticShape shape, int height, int width)
        => level == SimdLevel.Vector512 ? new ResizedRows<Lanes512>(rows, shape, height, width) : new ResizedRows<Lanes256>(rows, shape, height, width);

    /// <summary>Output rows from..to.</summary>
    /// <param name="masks">Mask logits [Q, h, w].</param>
    /// <param name="labels">[height, width].</param>
    /// <param name="scores">[K, height, width], or null.</param>
    /// <param name="from">First row.</param>
    /// <param name="to">Behind the last row.</param>
    public abstract void Run(float* masks, ushort* labels, float* scores, int from, int to);
}

/// <summary>The rows for one vector width.</summary>
/// <typeparam name="T">Floats side by side.</typeparam>
internal sealed unsafe class ResizedRows<T>(SemanticRows rows, SemanticShape shape, int height, int width) : ResizedRows
    where T : unmanaged, IFloatLanes<T>
{
    private readonly BilinearAxis _x = new(shape.CropWidth, width, width, T.Count);
    private readonly BilinearAxis _y = new(shape.CropHeight, height, height);

    /// <inheritdoc/>
    public override void Run(float* masks, ushort* labels, float* scores, int from, int to)
    {
        int pitch = Lanes.RoundUp(shape.CropWidth) + Lanes.Count;
        long plane = (long)shape.Classes * pitch;
        using NativeBuffer memory = new(2 * plane * sizeof(float));
        ScoreRow first = new((float*)memory.Pointer, -1);
        ScoreRow second = new((float*)memory.Pointer + plane, -1);
        float* scratch = Scratch.Floats(rows.ScratchFloats + pitch + (3L * Lanes.RoundUp(width)));
        for (int y = from; y < to; y++)
        {
            if (second.Y == _y.First[y])
            {
                (first, second) = (second, first);
            }

            first = Load(first, _y.First[y], masks, pitch, scratch);
            second = Load(second, _y.Second[y], masks, pitch, scratch);
            Output(first.Scores, second.Scores, y, pitch, labels + ((long)y * width),
                scores is null ? null : scores + ((long)y * width), scratch + rows.ScratchFloats);
        }
    }

    private ScoreRow Load(ScoreRow row, int y, float* masks, int pitch, float* scratch)
    {
        if (row.Y != y)
        {
            rows.Run(masks, y, null, row.Scores, pitch, scratch);
        }

        return row with { Y = y };
    }

    private void Output(float* first, float* second, int y, int pitch, ushort* labels, float* scores, float* memory)
    {
        int padded = Lanes.RoundUp(width);
        float* mixed = memory;
        float* best = mixed + pitch;
        int* label = (int*)(best + padded);
        new Span<float>(best, padded).Fill(float.NegativeInfinity);
        new Span<int>(label, padded).Fill(SemanticInference.NoLabel);
        for (int k = 0; k < shape.Classes; k++)
        {
            Mix(first + ((long)k * pitch), second + ((long)k * pitch), _y.Fraction[y], mixed, pitch);
            for (int x = 0; x < width; x += T.Count)
            {
                T score = _x.Resample<T>(mixed, x);
                T higher = T.GreaterThan(score, T.Load(best + x));
                T.Select(higher, score, T.Load(best + x)).Store(best + x);
                T.Select(higher, T.CreateBits(k), T.Load((float*)label + x)).Store((float*)label + x);
                if (scores is not null)
                {
                    int count = Math.Min(T.Count, width - x);
                    new ReadOnlySpan<float>(&score, count).CopyTo(new Span<float>(scores + ((long)k * height * width) + x, count));
                }
            }
        }

        SemanticRows.Narrow(label, labels, width);
    }

    private static void Mix(float* first, float* second, float fraction, float* mixed, int pitch)
    {
        T f = T.Create(fraction);
        for (int x = 0; x < pitch; x += T.Count)
        {
            T a = T.Load(first + x);
            T.FusedMultiplyAdd(f, T.Subtract(T.Load(second + x), a), a).Store(mixed + x);
        }
    }

    /// <summary>Scores [K, pitch] of row Y of the crop, or of none (-1).</summary>
    private readonly record struct ScoreRow(nint Address, int Y)
    {
        public ScoreRow(float* scores, int y)
            : this((nint)scores, y)
        {
        }

        public float* Scores => (float*)Address;
    }
}
