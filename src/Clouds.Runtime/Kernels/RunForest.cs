using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>Area and box of a label, summed up run by run.</summary>
internal struct RunSums
{
    public int Area;
    public int X0;
    public int X1;
    public int Y1;
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
    /// <returns>The next free label.</returns>
    public uint LabelRow(RowOutput row, (int Runs, int Pairs) count, uint* labels, uint* above, int y, int width, uint next)
    {
        new Span<uint>(labels, count.Runs).Fill(None);
        JoinAbove(row.Pairs, count.Pairs, labels, above);
        int pixel = y * width;
        for (int i = 0; i < count.Runs; i++)
        {
            // A label is prepared for every run and kept only where the run has none: no branch on the data.
            (int start, int end, uint label) = (row.Starts[i], row.Ends[i], labels[i]);
            Parents[next] = next;
            Firsts[next] = pixel + start;
            Sums[next] = new RunSums { X0 = start, X1 = end - 1 };
            bool fresh = label == None;
            label = fresh ? next : label;
            next += fresh ? 1u : 0;
            labels[i] = label;
            RunSums* sums = Sums + label;
            sums->Area += end - start;
            sums->X0 = Math.Min(sums->X0, start);
            sums->X1 = Math.Max(sums->X1, end - 1);
            sums->Y1 = y;
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
                Merge(Sums + root, Sums[label]);
            }
        }
    }

    /// <summary>Adds the sums of roots that were linked at seams to their new roots.</summary>
    public void FlattenLinked(uint* linked, int listed)
    {
        for (int i = 0; i < listed; i++)
        {
            uint root = Find(Parents, linked[i]);
            Merge(Sums + root, Sums[linked[i]]);
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
        uint nobody;
        for (int i = 0; i < count; i++)
        {
            ulong pair = pairs[i];
            uint root = Find(parents, above[pair >> 32]);
            uint label = labels[(uint)pair];
            uint low = Math.Min(label, root);
            uint* higher = label == None ? &nobody : parents + Math.Max(label, root);
            *higher = low;
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

    private static void Merge(RunSums* sums, RunSums other)
    {
        sums->Area += other.Area;
        sums->X0 = Math.Min(sums->X0, other.X0);
        sums->X1 = Math.Max(sums->X1, other.X1);
        sums->Y1 = Math.Max(sums->Y1, other.Y1);
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
