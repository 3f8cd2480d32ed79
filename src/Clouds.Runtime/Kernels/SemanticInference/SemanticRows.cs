namespace Clouds.Runtime.Kernels;

/// <summary>Computes one row of class scores and labels at a time; immutable, shared by the threads.</summary>
internal abstract unsafe class SemanticRows
{
    /// <summary>Floats of scratch that <see cref="Run"/> needs.</summary>
    public abstract long ScratchFloats { get; }

    /// <summary>Rows for a vector width; the scores are the same bits for all.</summary>
    public static SemanticRows Create(SimdLevel level, SemanticShape shape, ReadOnlySpan<float> probabilities)
        => level == SimdLevel.Vector512 ? new SemanticRows<Lanes512>(shape, probabilities) : new SemanticRows<Lanes256>(shape, probabilities);

    /// <summary>Row y of the crop.</summary>
    /// <param name="masks">Mask logits [Q, h, w].</param>
    /// <param name="y">Row, 0..CropHeight-1.</param>
    /// <param name="labels">The row's labels, or null.</param>
    /// <param name="scores">The row's first score, or null.</param>
    /// <param name="plane">Floats from one class's score to the next class's.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats of this thread.</param>
    public abstract void Run(float* masks, int y, ushort* labels, float* scores, long plane, float* scratch);

    /// <summary>Writes integers as labels.</summary>
    internal static void Narrow(int* source, ushort* target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            target[i] = (ushort)source[i];
        }
    }
}

/// <summary>The rows for one vector width.</summary>
/// <typeparam name="T">Floats side by side.</typeparam>
internal sealed unsafe class SemanticRows<T> : SemanticRows
    where T : unmanaged, IFloatLanes<T>
{
    /// <summary>Classes summed together: 5 classes x 2 vectors keep ten independent chains in registers.</summary>
    private const int ClassBlock = 5;

    /// <summary>Pixels summed together.</summary>
    private static readonly int Strip = 2 * T.Count;

    private readonly SemanticShape _shape;
    private readonly BilinearAxis _x;
    private readonly BilinearAxis _y;
    private readonly float[] _probabilities;
    private readonly int _maskPitch;

    /// <summary>Orders the probabilities [Q, K] as [K / 5, Q, 5], the last block filled up with zeros.</summary>
    public SemanticRows(SemanticShape shape, ReadOnlySpan<float> probabilities)
    {
        _shape = shape;
        _x = new BilinearAxis(shape.MaskWidth, shape.PaddedWidth, Padded(shape), T.Count);
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

    /// <inheritdoc/>
    public override long ScratchFloats => ((long)_shape.Queries * (_maskPitch + Strip)) + (Strip * (ClassBlock + 2));

    /// <inheritdoc/>
    public override void Run(float* masks, int y, ushort* labels, float* scores, long plane, float* scratch)
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
        T f = T.Create(fraction);
        for (int q = 0; q < _shape.Queries; q++, rows += pitch)
        {
            float* mask = masks + ((long)q * _shape.MaskHeight * width);
            float* upper = mask + ((long)_y.First[y] * width);
            float* lower = mask + ((long)_y.Second[y] * width);
            int x = 0;
            for (; x + T.Count <= width; x += T.Count)
            {
                T first = T.Load(upper + x);
                T.FusedMultiplyAdd(f, T.Subtract(T.Load(lower + x), first), first).Store(rows + x);
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
        int second = x + T.Count < _x.First.Length ? x + T.Count : x;
        for (int q = 0; q < _shape.Queries; q++, rows += _maskPitch, sigmoids += Strip)
        {
            Sigmoid(_x.Resample<T>(rows, x)).Store(sigmoids);
            Sigmoid(_x.Resample<T>(rows, second)).Store(sigmoids + T.Count);
        }
    }

    // The exponential takes any number for one of [-87, 87]; a logit that is not finite must not pass for an answer.
    private static T Sigmoid(T logit) => T.FusedMultiplyAdd(logit, T.Create(0), Lanes.Sigmoid(logit));

    private void Sums(float* sigmoids, float* strip, int x, int count, ushort* labels, float* scores, long plane)
    {
        T best0 = T.Create(float.NegativeInfinity), best1 = best0;
        T label0 = T.CreateBits(SemanticInference.NoLabel), label1 = label0;
        fixed (float* probabilities = _probabilities)
        {
            float* block = probabilities;
            for (int k = 0; k < _shape.Classes; k += ClassBlock, block += _shape.Queries * ClassBlock)
            {
                BlockSums(sigmoids, block, strip);
                for (int i = 0; i < ClassBlock && k + i < _shape.Classes; i++)
                {
                    T sum0 = T.Load(strip + (i * Strip));
                    T sum1 = T.Load(strip + (i * Strip) + T.Count);
                    T higher0 = T.GreaterThan(sum0, best0);
                    T higher1 = T.GreaterThan(sum1, best1);
                    best0 = T.Select(higher0, sum0, best0);
                    best1 = T.Select(higher1, sum1, best1);
                    label0 = T.Select(higher0, T.CreateBits(k + i), label0);
                    label1 = T.Select(higher1, T.CreateBits(k + i), label1);
                    if (scores is not null)
                    {
                        new ReadOnlySpan<float>(strip + (i * Strip), count).CopyTo(new Span<float>(scores + ((k + i) * plane) + x, count));
                    }
                }
            }
        }

        if (labels is not null)
        {
            Store(strip, label0, label1);
            Narrow((int*)strip, labels + x, count);
        }
    }

    /// <summary>Five classes' sums over the queries for one strip.</summary>
    private void BlockSums(float* sigmoids, float* block, float* strip)
    {
        T a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        T d0 = default, d1 = default, e0 = default, e1 = default;
        for (int q = 0; q < _shape.Queries; q++, sigmoids += Strip, block += ClassBlock)
        {
            T s0 = T.Load(sigmoids);
            T s1 = T.Load(sigmoids + T.Count);
            T p = T.Create(block[0]);
            a0 = T.FusedMultiplyAdd(p, s0, a0);
            a1 = T.FusedMultiplyAdd(p, s1, a1);
            p = T.Create(block[1]);
            b0 = T.FusedMultiplyAdd(p, s0, b0);
            b1 = T.FusedMultiplyAdd(p, s1, b1);
            p = T.Create(block[2]);
            c0 = T.FusedMultiplyAdd(p, s0, c0);
            c1 = T.FusedMultiplyAdd(p, s1, c1);
            p = T.Create(block[3]);
            d0 = T.FusedMultiplyAdd(p, s0, d0);
            d1 = T.FusedMultiplyAdd(p, s1, d1);
            p = T.Create(block[4]);
            e0 = T.FusedMultiplyAdd(p, s0, e0);
            e1 = T.FusedMultiplyAdd(p, s1, e1);
        }

        Store(strip, a0, a1);
        Store(strip + Strip, b0, b1);
        Store(strip + (2 * Strip), c0, c1);
        Store(strip + (3 * Strip), d0, d1);
        Store(strip + (4 * Strip), e0, e1);
    }

    private static void Store(float* target, T low, T high)
    {
        low.Store(target);
        high.Store(target + T.Count);
    }
}
