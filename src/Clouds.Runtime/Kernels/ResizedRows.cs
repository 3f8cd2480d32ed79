using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Resizes the class scores row by row before the argmax: each thread keeps the two score rows around its output row.</summary>
internal sealed unsafe class ResizedRows(SemanticRows rows, SemanticShape shape, int height, int width)
{
    private readonly BilinearAxis _x = new(shape.CropWidth, width, width);
    private readonly BilinearAxis _y = new(shape.CropHeight, height, height);

    /// <summary>Output rows from..to.</summary>
    /// <param name="masks">Mask logits [Q, h, w].</param>
    /// <param name="labels">[height, width].</param>
    /// <param name="scores">[K, height, width], or null.</param>
    /// <param name="from">First row.</param>
    /// <param name="to">Behind the last row.</param>
    public void Run(float* masks, ushort* labels, float* scores, int from, int to)
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
            Output(first.Scores, second.Scores, y, pitch, labels + ((long)y * width), scores is null ? null : scores + ((long)y * width), scratch + rows.ScratchFloats);
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
        for (int k = 0; k < shape.Classes; k++)
        {
            Mix(first + ((long)k * pitch), second + ((long)k * pitch), _y.Fraction[y], mixed, pitch);
            for (int x = 0; x < width; x += Lanes.Count)
            {
                Vector512<float> score = _x.Resample(mixed, x);
                Vector512<float> higher = Vector512.GreaterThan(score, Vector512.Load(best + x));
                Vector512.ConditionalSelect(higher, score, Vector512.Load(best + x)).Store(best + x);
                Vector512.ConditionalSelect(higher.AsInt32(), Vector512.Create(k), Vector512.Load(label + x)).Store(label + x);
                if (scores is not null)
                {
                    int count = Math.Min(Lanes.Count, width - x);
                    new ReadOnlySpan<float>(&score, count).CopyTo(new Span<float>(scores + ((long)k * height * width) + x, count));
                }
            }
        }

        for (int x = 0; x < width; x++)
        {
            labels[x] = (ushort)label[x];
        }
    }

    private static void Mix(float* first, float* second, float fraction, float* mixed, int pitch)
    {
        Vector512<float> f = Vector512.Create(fraction);
        for (int x = 0; x < pitch; x += Lanes.Count)
        {
            Vector512<float> a = Vector512.Load(first + x);
            Vector512.FusedMultiplyAdd(f, Vector512.Load(second + x) - a, a).Store(mixed + x);
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
