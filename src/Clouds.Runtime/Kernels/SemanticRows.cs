using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Computes one row of class scores and labels at a time; immutable, shared by the threads.</summary>
internal sealed unsafe class SemanticRows
{
    /// <summary>Classes summed together: 5 classes x 2 vectors keep ten independent chains in registers.</summary>
    private const int ClassBlock = 5;

    /// <summary>Pixels summed together.</summary>
    private const int Strip = 2 * Lanes.Count;

    private readonly SemanticShape _shape;
    private readonly BilinearAxis _x;
    private readonly BilinearAxis _y;
    private readonly float[] _probabilities;
    private readonly int _maskPitch;

    /// <summary>Orders the probabilities [Q, K] as [K / 5, Q, 5], the last block filled up with zeros.</summary>
    public SemanticRows(SemanticShape shape, ReadOnlySpan<float> probabilities)
    {
        _shape = shape;
        _x = new BilinearAxis(shape.MaskWidth, shape.PaddedWidth, Padded(shape));
        _y = new BilinearAxis(shape.MaskHeight, shape.PaddedHeight, shape.CropHeight);
        _maskPitch = Lanes.RoundUp(shape.MaskWidth) + Lanes.Count;
        int blocks = (shape.Classes + ClassBlock - 1) / ClassBlock;
        _probabilities = new float[blocks * shape.Queries * ClassBlock];
        for (int q = 0; q < shape.Queries; q++)
        {
            for (int k = 0; k < shape.Classes; k++)
            {
                _probabilities[(((k / ClassBlock * shape.Queries) + q) * ClassBlock) + (k % ClassBlock)] = probabilities[(q * shape.Classes) + k];
            }
        }
    }

    /// <summary>Floats of scratch that <see cref="Run"/> needs.</summary>
    public long ScratchFloats => ((long)_shape.Queries * (_maskPitch + Strip)) + (Strip * (ClassBlock + 2));

    /// <summary>Row y of the crop.</summary>
    /// <param name="masks">Mask logits [Q, h, w].</param>
    /// <param name="y">Row, 0..CropHeight-1.</param>
    /// <param name="labels">The row's labels, or null.</param>
    /// <param name="scores">The row's first score, or null.</param>
    /// <param name="plane">Floats from one class's score to the next class's.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats of this thread.</param>
    public void Run(float* masks, int y, ushort* labels, float* scores, long plane, float* scratch)
    {
        float* rows = scratch;
        float* sigmoids = rows + ((long)_shape.Queries * _maskPitch);
        float* strip = sigmoids + ((long)_shape.Queries * Strip);
        InterpolateRows(masks, y, rows);
        for (int x = 0; x < _shape.CropWidth; x += Strip)
        {
            Sigmoids(rows, x, sigmoids);
            Sums(sigmoids, strip, x, Math.Min(Strip, _shape.CropWidth - x), labels, scores, plane);
        }
    }

    private static int Padded(SemanticShape shape) => Math.Min(shape.PaddedWidth, (shape.CropWidth + Strip - 1) / Strip * Strip);

    /// <summary>Row y of every mask, interpolated between two rows of logits: [Q, pitch].</summary>
    private void InterpolateRows(float* masks, int y, float* rows)
    {
        (int width, int pitch) = (_shape.MaskWidth, _maskPitch);
        float fraction = _y.Fraction[y];
        Vector512<float> f = Vector512.Create(fraction);
        for (int q = 0; q < _shape.Queries; q++, rows += pitch)
        {
            float* mask = masks + ((long)q * _shape.MaskHeight * width);
            float* upper = mask + ((long)_y.First[y] * width);
            float* lower = mask + ((long)_y.Second[y] * width);
            int x = 0;
            for (; x + Lanes.Count <= width; x += Lanes.Count)
            {
                Vector512<float> first = Vector512.Load(upper + x);
                Vector512.FusedMultiplyAdd(f, Vector512.Load(lower + x) - first, first).Store(rows + x);
            }

            for (; x < width; x++)
            {
                rows[x] = MathF.FusedMultiplyAdd(fraction, lower[x] - upper[x], upper[x]);
            }

            new Span<float>(rows + width, pitch - width).Clear();
        }
    }

    /// <summary>Upsampled, squashed masks of one strip: [Q, Strip].</summary>
    private void Sigmoids(float* rows, int x, float* sigmoids)
    {
        // The axis tables end at the padded width; a strip that reaches beyond repeats its first half, which nobody reads.
        int second = x + Lanes.Count < _x.First.Length ? x + Lanes.Count : x;
        for (int q = 0; q < _shape.Queries; q++, rows += _maskPitch, sigmoids += Strip)
        {
            Lanes.Sigmoid(_x.Resample(rows, x)).Store(sigmoids);
            Lanes.Sigmoid(_x.Resample(rows, second)).Store(sigmoids + Lanes.Count);
        }
    }

    private void Sums(float* sigmoids, float* strip, int x, int count, ushort* labels, float* scores, long plane)
    {
        Vector512<float> best0 = Vector512.Create(float.NegativeInfinity), best1 = best0;
        Vector512<int> label0 = default, label1 = default;
        fixed (float* probabilities = _probabilities)
        {
            float* block = probabilities;
            for (int k = 0; k < _shape.Classes; k += ClassBlock, block += _shape.Queries * ClassBlock)
            {
                BlockSums(sigmoids, block, strip);
                for (int i = 0; i < ClassBlock && k + i < _shape.Classes; i++)
                {
                    Vector512<float> sum0 = Vector512.Load(strip + (i * Strip));
                    Vector512<float> sum1 = Vector512.Load(strip + (i * Strip) + Lanes.Count);
                    Vector512<float> higher0 = Vector512.GreaterThan(sum0, best0);
                    Vector512<float> higher1 = Vector512.GreaterThan(sum1, best1);
                    best0 = Vector512.ConditionalSelect(higher0, sum0, best0);
                    best1 = Vector512.ConditionalSelect(higher1, sum1, best1);
                    label0 = Vector512.ConditionalSelect(higher0.AsInt32(), Vector512.Create(k + i), label0);
                    label1 = Vector512.ConditionalSelect(higher1.AsInt32(), Vector512.Create(k + i), label1);
                    if (scores is not null)
                    {
                        new ReadOnlySpan<float>(strip + (i * Strip), count).CopyTo(new Span<float>(scores + ((k + i) * plane) + x, count));
                    }
                }
            }
        }

        if (labels is not null)
        {
            Vector512<ushort> narrow = Vector512.Narrow(label0.AsUInt32(), label1.AsUInt32());
            narrow.Store((ushort*)strip);
            new ReadOnlySpan<ushort>(strip, count).CopyTo(new Span<ushort>(labels + x, count));
        }
    }

    /// <summary>Five classes' sums over the queries for one strip.</summary>
    private void BlockSums(float* sigmoids, float* block, float* strip)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector512<float> d0 = default, d1 = default, e0 = default, e1 = default;
        for (int q = 0; q < _shape.Queries; q++, sigmoids += Strip, block += ClassBlock)
        {
            Vector512<float> s0 = Vector512.Load(sigmoids);
            Vector512<float> s1 = Vector512.Load(sigmoids + Lanes.Count);
            Vector512<float> p = Vector512.Create(block[0]);
            a0 = Vector512.FusedMultiplyAdd(p, s0, a0);
            a1 = Vector512.FusedMultiplyAdd(p, s1, a1);
            p = Vector512.Create(block[1]);
            b0 = Vector512.FusedMultiplyAdd(p, s0, b0);
            b1 = Vector512.FusedMultiplyAdd(p, s1, b1);
            p = Vector512.Create(block[2]);
            c0 = Vector512.FusedMultiplyAdd(p, s0, c0);
            c1 = Vector512.FusedMultiplyAdd(p, s1, c1);
            p = Vector512.Create(block[3]);
            d0 = Vector512.FusedMultiplyAdd(p, s0, d0);
            d1 = Vector512.FusedMultiplyAdd(p, s1, d1);
            p = Vector512.Create(block[4]);
            e0 = Vector512.FusedMultiplyAdd(p, s0, e0);
            e1 = Vector512.FusedMultiplyAdd(p, s1, e1);
        }

        Store(strip, a0, a1);
        Store(strip + Strip, b0, b1);
        Store(strip + (2 * Strip), c0, c1);
        Store(strip + (3 * Strip), d0, d1);
        Store(strip + (4 * Strip), e0, e1);
    }

    private static void Store(float* target, Vector512<float> low, Vector512<float> high)
    {
        low.Store(target);
        high.Store(target + Lanes.Count);
    }
}
