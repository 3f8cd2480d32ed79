using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Keeps the points a mask is least sure of (method.md section 2.3): logits [N, R], candidates [N, R, 2] -> [N, k, 2], the k candidates with
/// the smallest |logit|, ties by lowest index, in candidate order.
/// </summary>
/// <remarks>
/// The bits of |logit| order like the numbers, so the k-th smallest is found by three histograms of 11, 10 and 10 bits. NaN ranks last.
/// </remarks>
public static unsafe class UncertainPoints
{
    private const int TopBits = 11;
    private const int LowBits = 10;
    private const uint Magnitude = 0x7FFFFFFF;

    /// <summary>Rows from..to of N.</summary>
    /// <param name="logits">[rows, count].</param>
    /// <param name="candidates">[rows, count, 2].</param>
    /// <param name="points">[rows, keep, 2]; the rows are overwritten.</param>
    /// <param name="rows">N.</param>
    /// <param name="count">R.</param>
    /// <param name="keep">k, at most R.</param>
    /// <param name="from">First row.</param>
    /// <param name="to">Row behind the last.</param>
    /// <exception cref="ArgumentException">A length is not what the sizes say, or the rows lie outside; nothing has been written.</exception>
    public static void Run(HostSpan<float> logits, HostSpan<float> candidates, HostSpan<float> points, int rows, int count, int keep, int from, int to)
    {
        KernelCheck.That(keep >= 0 && keep <= count, "uncertain points", $"{keep} of {count} candidates cannot be kept");
        KernelCheck.Range(from, to, rows, "rows");
        Run(
            logits.Pointer((long)rows * count, "logits", "N·R"), candidates.Pointer(2L * rows * count, "candidates", "N·R·2"),
            points.Pointer(2L * rows * keep, "points", "N·k·2"), count, keep, from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(float* logits, float* candidates, float* output, int count, int keep, int from, int to)
    {
        for (int row = from; row < to; row++)
        {
            uint* bits = (uint*)logits + ((long)row * count);
            (uint threshold, int ties) = Threshold(bits, count, keep);
            Copy(bits, (ulong*)(candidates + (2L * row * count)), (ulong*)(output + (2L * row * keep)), count, keep, threshold, ties);
        }
    }

    /// <summary>The k-th smallest magnitude, and how many equal to it belong to the k.</summary>
    private static (uint Threshold, int Ties) Threshold(uint* bits, int count, int keep)
    {
        if (keep == 0)
        {
            return (0, 0);
        }

        // Four interleaved histograms: logits share few exponents, and one counter would wait for itself.
        const int Bins = 1 << TopBits;
        int* histogram = stackalloc int[4 * Bins];
        new Span<int>(histogram, 4 * Bins).Clear();
        for (int i = 0; i < count; i++)
        {
            histogram[((i & 3) * Bins) + (int)((bits[i] & Magnitude) >> (2 * LowBits))]++;
        }

        for (int bin = 0; bin < Bins; bin++)
        {
            histogram[bin] += histogram[bin + Bins] + histogram[bin + (2 * Bins)] + histogram[bin + (3 * Bins)];
        }

        int rank = keep;
        uint prefix = (uint)Bin(histogram, ref rank) << (2 * LowBits);
        prefix |= Digit(bits, count, prefix, 2 * LowBits, LowBits, histogram, ref rank);
        prefix |= Digit(bits, count, prefix, LowBits, 0, histogram, ref rank);
        return (prefix, rank);
    }

    /// <summary>Next ten bits of the threshold among the magnitudes that share the bits found so far.</summary>
    private static uint Digit(uint* bits, int count, uint prefix, int known, int shift, int* histogram, ref int rank)
    {
        const int Bins = 1 << LowBits;
        new Span<int>(histogram, Bins).Clear();
        for (int i = 0; i < count; i++)
        {
            uint key = bits[i] & Magnitude;
            if (key >> known == prefix >> known)
            {
                histogram[(key >> shift) & (Bins - 1)]++;
            }
        }

        return (uint)Bin(histogram, ref rank) << shift;
    }

    /// <summary>The bin that holds the rank-th entry (from 1); rank becomes the rank inside the bin.</summary>
    private static int Bin(int* histogram, ref int rank)
    {
        int bin = 0;
        for (; histogram[bin] < rank; bin++)
        {
            rank -= histogram[bin];
        }

        return bin;
    }

    private static void Copy(uint* bits, ulong* candidates, ulong* output, int count, int keep, uint threshold, int ties)
    {
        // No branch on the data: a guess would be wrong every few candidates. What is written behind the last kept one is overwritten.
        int kept = 0;
        for (int i = 0; i < count && kept < keep; i++)
        {
            uint key = bits[i] & Magnitude;
            int tie = key == threshold ? 1 : 0;
            int below = key < threshold ? 1 : 0;
            int free = ties > 0 ? 1 : 0;
            output[kept] = candidates[i];
            kept += below + (tie & free);
            ties -= tie;
        }
    }
}
