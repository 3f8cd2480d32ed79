using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// The sums of one query after another. Sixteen running sums by point mod 16 within a chunk of 256 points, folded in halves; chunks are
/// added in order and in double. kernels/matching_cost.cu does the same.
/// </summary>
/// <typeparam name="T">Floats side by side.</typeparam>
internal sealed unsafe class MatchingSums<T>
    where T : unmanaged, IFloatLanes<T>
{
    /// <summary>Targets multiplied together: eight sums hide the latency of the additions.</summary>
    private const int Block = 4;

    private readonly MatchingShape _shape;
    private readonly int[] _targets;
    private int _count;
    private int _image = -1;
    private float* _samples;

    /// <summary>Makes room.</summary>
    public MatchingSums(MatchingShape shape)
    {
        _shape = shape;
        _targets = new int[shape.Targets + Block];
        Totals = new MatchingTotals(shape.Targets);
    }

    /// <summary>Sums of the query that was added last.</summary>
    public MatchingTotals Totals { get; }

    /// <summary>Goes over to an image: notes its targets and sums their areas.</summary>
    public void Open(int image, float* valid, float* samples)
    {
        if (image == _image)
        {
            return;
        }

        _image = image;
        _count = 0;
        for (int t = 0; t < _shape.Targets; t++)
        {
            if (valid[((long)image * _shape.Targets) + t] > 0.5f)
            {
                _targets[_count++] = t;
            }
        }

        // A block that is not full repeats its last target.
        _targets.AsSpan(_count).Fill(_count == 0 ? 0 : _targets[_count - 1]);
        _samples = samples + ((long)image * _shape.Targets * _shape.PaddedPoints);
        for (int i = 0; i < _count; i++)
        {
            Totals.Area[_targets[i]] = Area(_samples + ((long)_targets[i] * _shape.PaddedPoints));
        }
    }

    /// <summary>Sums one query.</summary>
    /// <param name="logits">Its P samples.</param>
    public void Add(float* logits)
    {
        const int Chunk = MatchingShape.Chunk;
        float* x = stackalloc float[3 * Chunk];
        float* softplus = x + Chunk;
        float* sigmoid = x + (2 * Chunk);
        Totals.Clear();
        for (int p = 0; p < _shape.Points; p += Chunk)
        {
            Squash(logits + p, Math.Min(Chunk, _shape.Points - p), x, softplus, sigmoid);
            Totals.Softplus += Sum(softplus);
            Totals.Sigmoid += Sum(sigmoid);
            for (int i = 0; i < _count; i += Block)
            {
                Multiply(x, sigmoid, i, p);
            }
        }
    }

    private static void Squash(float* logits, int count, float* x, float* softplus, float* sigmoid)
    {
        NativeMemory.Copy(logits, x, (nuint)count * sizeof(float));
        new Span<float>(x + count, MatchingShape.Chunk - count).Clear();
        for (int i = 0; i < MatchingShape.Chunk; i += T.Count)
        {
            Squash(T.Load(x + i), out T soft, out T squashed);
            soft.Store(softplus + i);
            squashed.Store(sigmoid + i);
        }

        new Span<float>(softplus + count, MatchingShape.Chunk - count).Clear();
        new Span<float>(sigmoid + count, MatchingShape.Chunk - count).Clear();
    }

    // One division: with e = exp(-|x|), sigmoid = 1 / (1 + e) or e / (1 + e), softplus = max(x, 0) + 2 · atanh(e / (2 + e)); relative error below 1e-6.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Squash(T x, out T softplus, out T sigmoid)
    {
        T positive = T.GreaterThan(x, T.Create(0));
        T e = Lanes.Exp(T.Select(positive, T.Subtract(T.Create(-0f), x), x));
        T a = T.Add(T.Create(1), e);
        T b = T.Add(T.Create(2), e);
        T r = T.Divide(T.Create(1), T.Multiply(a, b));
        T upper = T.Multiply(b, r);
        T z = T.Multiply(T.Multiply(e, a), r);
        T w = T.Multiply(z, z);

        // atanh(z) / z = 1 + w/3 + w²/5 + ...; |z| <= 1/3, so that the first term left out is below 2e-8.
        T p = T.FusedMultiplyAdd(T.Create(1f / 13), w, T.Create(1f / 11));
        p = T.FusedMultiplyAdd(p, w, T.Create(1f / 9));
        p = T.FusedMultiplyAdd(p, w, T.Create(1f / 7));
        p = T.FusedMultiplyAdd(p, w, T.Create(1f / 5));
        p = T.FusedMultiplyAdd(p, w, T.Create(1f / 3));
        p = T.FusedMultiplyAdd(p, w, T.Create(1));
        softplus = T.Add(T.Select(positive, x, T.Create(0)), T.Multiply(T.Add(z, z), p));
        sigmoid = T.Select(positive, upper, T.Multiply(e, upper));
    }

    private static float Sum(float* chunk)
    {
        float* folded = stackalloc float[Lanes.Count];
        for (int half = 0; half < Lanes.Count; half += T.Count)
        {
            T sum = T.Create(0);
            for (int i = half; i < MatchingShape.Chunk; i += Lanes.Count)
            {
                sum = T.Add(sum, T.Load(chunk + i));
            }

            sum.Store(folded + half);
        }

        return Lanes.Sum(Vector512.Load(folded));
    }

    private double Area(float* samples)
    {
        double area = 0;
        for (int p = 0; p < _shape.Points; p += MatchingShape.Chunk)
        {
            area += Sum(samples + p);
        }

        return area;
    }

    /// <summary>Products of a chunk with four targets, added to the totals.</summary>
    private void Multiply(float* x, float* sigmoid, int first, int point)
    {
        float* folded = stackalloc float[2 * Block * Lanes.Count];
        float* t0 = Samples(first, point);
        float* t1 = Samples(first + 1, point);
        float* t2 = Samples(first + 2, point);
        float* t3 = Samples(first + 3, point);
        for (int half = 0; half < Lanes.Count; half += T.Count)
        {
            T a0 = T.Create(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
            for (int i = half; i < MatchingShape.Chunk; i += Lanes.Count)
            {
                T logit = T.Load(x + i);
                T squashed = T.Load(sigmoid + i);
                T t = T.Load(t0 + i);
                a0 = T.FusedMultiplyAdd(t, logit, a0);
                b0 = T.FusedMultiplyAdd(t, squashed, b0);
                t = T.Load(t1 + i);
                a1 = T.FusedMultiplyAdd(t, logit, a1);
                b1 = T.FusedMultiplyAdd(t, squashed, b1);
                t = T.Load(t2 + i);
                a2 = T.FusedMultiplyAdd(t, logit, a2);
                b2 = T.FusedMultiplyAdd(t, squashed, b2);
                t = T.Load(t3 + i);
                a3 = T.FusedMultiplyAdd(t, logit, a3);
                b3 = T.FusedMultiplyAdd(t, squashed, b3);
            }

            Store(folded + half, a0, a1, a2, a3);
            Store(folded + half + (Block * Lanes.Count), b0, b1, b2, b3);
        }

        Vector128<float> logits = Fold(folded);
        Vector128<float> sigmoids = Fold(folded + (Block * Lanes.Count));
        for (int i = 0; i < Block && first + i < _count; i++)
        {
            Totals.Logit[_targets[first + i]] += logits.GetElement(i);
            Totals.Squashed[_targets[first + i]] += sigmoids.GetElement(i);
        }
    }

    private float* Samples(int index, int point) => _samples + ((long)_targets[index] * _shape.PaddedPoints) + point;

    private static void Store(float* target, T a, T b, T c, T d)
    {
        a.Store(target);
        b.Store(target + Lanes.Count);
        c.Store(target + (2 * Lanes.Count));
        d.Store(target + (3 * Lanes.Count));
    }

    private static Vector128<float> Fold(float* sums)
        => Lanes.Sum(
            Vector512.Load(sums), Vector512.Load(sums + Lanes.Count), Vector512.Load(sums + (2 * Lanes.Count)), Vector512.Load(sums + (3 * Lanes.Count)));
}
