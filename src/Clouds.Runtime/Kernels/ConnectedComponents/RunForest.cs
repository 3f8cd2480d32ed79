using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Area and box of a label, summed up run by run, in one vector; left is stored negated, so that every border grows by a maximum.</summary>
internal readonly struct RunSums
{
    private readonly Vector128<int> _values;

    private RunSums(Vector128<int> values) => _values = values;

    public int Area => _values[0];

    public int X0 => -_values[1];

    public int X1 => _values[2];

    public int Y1 => _values[3];

    /// <summary>No pixel yet.</summary>
    public static RunSums Nothing => new(Vector128.Create(0, int.MinValue, -1, -1));

    /// <summary>The columns start to end − 1 of row y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RunSums Of(int start, int end, int y) => new(Vector128.Create(end - start, -start, end - 1, y));

    /// <summary>Both together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RunSums With(RunSums other)
    {
        // The area of either alone is below the sum, so the maximum leaves the sum alone.
        Vector128<int> onlyArea = Vector128.Create(-1, 0, 0, 0);
        return new RunSums(Vector128.Max(_values + (other._values & onlyArea), other._values));
    }
}

/// <summary>
/// Union-find over the labels of runs. A root is the smallest label of its component, and labels are given in raster order, so a root's
/// first pixel is the component's. All pointers are borrowed from the workspace and indexed by label.
/// </summary>
/// <param name="parents">Parent of each label, itself for a root.</param>
/// <param name="sums">Area and box of each label's own runs; of the whole component for a root once flattened.</param>
/// <param name="firsts">Pixel index where the label was given.</param>
internal readonly unsafe struct RunForest(uint* parents, RunSums* sums, int* firsts)
{
    private const uint None = uint.MaxValue;

    public uint* Parents { get; } = parents;

    public RunSums* Sums { get; } = sums;

    public int* Firsts { get; } = firsts;

    /// <summary>Labels the runs of a row: those of the runs above that they touch, or new ones.</summary>
    /// <param name="row">Runs and pairs.</param>
    /// <param name="count">How many of each.</param>
    /// <param name="labels">The runs' labels, overwritten.</param>
    /// <param name="above">Labels of the runs above.</param>
    /// <param name="y">The row.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="next">The next free label.</param>
    /// <param name="none">A label above all others, of this thread, that has a parent to be written.</param>
    /// <returns>The next free label.</returns>
    public uint LabelRow(RowOutput row, (int Runs, int Pairs) count, uint* labels, uint* above, int y, int width, uint next, uint none)
    {
        new Span<uint>(labels, count.Runs).Fill(none);
        JoinAbove(row.Pairs, count.Pairs, labels, above);
        uint* parents = Parents;
        RunSums* sums = Sums;
        int* firsts = Firsts;
        int pixel = y * width;
        for (int i = 0; i < count.Runs; i++)
        {
            // A label is prepared for every run and kept only where the run has none: no branch on the data.
            (int start, int end, uint label) = (row.Starts[i], row.Ends[i], labels[i]);
            parents[next] = next;
            firsts[next] = pixel + start;
            sums[next] = RunSums.Nothing;
            uint fresh = label == none ? 1u : 0;
            label ^= (label ^ next) & (0 - fresh);
            next += fresh;
            labels[i] = label;
            sums[label] = sums[label].With(RunSums.Of(start, end, y));
        }

        return next;
    }

    /// <summary>Joins the labels of two labelled rows; linked roots are listed.</summary>
    /// <returns>How many roots are listed now.</returns>
    public int JoinSeam(ulong* pairs, int count, uint* labels, uint* above, uint* linked, int listed)
    {
        for (int i = 0; i < count; i++)
        {
            (uint a, uint b) = (Find(Parents, above[pairs[i] >> 32]), Find(Parents, labels[(uint)pairs[i]]));
            if (a != b)
            {
                linked[listed++] = Math.Max(a, b);
                Parents[Math.Max(a, b)] = Math.Min(a, b);
            }
        }

        return listed;
    }

    /// <summary>Points every label of from..to at its root and gives the root the sums. The labels hang on labels of the same range only.</summary>
    public void Flatten(uint from, uint to)
    {
        for (uint label = from; label < to; label++)
        {
            // Parents are smaller, so the parent points at the root already.
            uint root = Parents[Parents[label]];
            if (root != label)
            {
                Parents[label] = root;
                Sums[root] = Sums[root].With(Sums[label]);
            }
        }
    }

    /// <summary>Adds the sums of roots that were linked at seams to their new roots.</summary>
    public void FlattenLinked(uint* linked, int listed)
    {
        for (int i = 0; i < listed; i++)
        {
            uint root = Find(Parents, linked[i]);
            Sums[root] = Sums[root].With(Sums[linked[i]]);
            Parents[linked[i]] = root;
        }
    }

    /// <summary>Root of a label.</summary>
    public uint Root(uint label)
    {
        while (Parents[label] != label)
        {
            label = Parents[label];
        }

        return label;
    }

    /// <summary>Gives runs the smallest root of the runs above and links the other roots to it. A run's pairs follow one another.</summary>
    private void JoinAbove(ulong* pairs, int count, uint* labels, uint* above)
    {
        uint* parents = Parents;
        for (int i = 0; i < count; i++)
        {
            ulong pair = pairs[i];
            uint root = Find(parents, above[pair >> 32]);
            uint label = labels[(uint)pair];

            // Minimum and maximum without a branch; a run without a label has the largest, whose parent nobody reads.
            long difference = (long)label - root;
            long negative = difference & (difference >> 63);
            uint low = (uint)(root + negative);
            parents[(uint)(label - negative)] = low;
            labels[(uint)pair] = low;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Find(uint* parents, uint label)
    {
        uint parent = parents[label];
        while (parent != label)
        {
            // Halving: each visited label skips a generation.
            uint grand = parents[parent];
            parents[label] = grand;
            label = grand;
            parent = parents[label];
        }

        return label;
    }
}

/// <summary>How far runs of adjoining rows may be apart and still touch.</summary>
internal interface IReach
{
    /// <summary>0: they share a column; 1: or meet at a corner.</summary>
    static abstract int Reach { get; }
}

/// <summary>4-connectivity.</summary>
internal readonly struct FourReach : IReach
{
    public static int Reach => 0;
}

/// <summary>8-connectivity.</summary>
internal readonly struct EightReach : IReach
{
    public static int Reach => 1;
}
