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

    /// <summary>Labels the runs of a row after those above.</summary>
    /// <typeparam name="TReach">Which runs touch.</typeparam>
    /// <param name="above">Labelled runs of the row above, with guards.</param>
    /// <param name="runs">Runs of the row.</param>
    /// <param name="count">Their number.</param>
    /// <param name="y">The row.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="next">The next free label.</param>
    /// <returns>The next free label.</returns>
    public uint LabelRow<TReach>(LabelRun* above, LabelRun* runs, int count, int y, int width, uint next)
        where TReach : IReach
    {
        LabelRun* end = runs + count;
        uint* parents = Parents;
        for (LabelRun* run = runs; run < end; run++)
        {
            (int start, int stop, int own) = (run->Start, run->End, run->Class);
            uint label = None;
            if (TReach.Reach == 1 && above[-1].End == start && above[-1].Class == own)
            {
                label = Find(parents, above[-1].Label);
            }

            while (true)
            {
                bool touches = above->Class == own & above->Start < stop + TReach.Reach & above->End > start - TReach.Reach;
                if (touches)
                {
                    label = Join(parents, label, above->Label);
                }

                if (above->End > stop)
                {
                    break;
                }

                above++;
            }

            if (label == None)
            {
                label = Create(next++, *run, y, width);
            }
            else
            {
                Add(Sums + label, start, stop, y);
            }

            run->Label = label;
        }

        return next;
    }

    /// <summary>Joins the labels of two rows that lie on each other, both labelled already; linked roots are listed.</summary>
    /// <returns>How many roots are listed now.</returns>
    public int JoinRows<TReach>(LabelRun* above, LabelRun* runs, int count, uint* linked, int listed)
        where TReach : IReach
    {
        LabelRun* end = runs + count;
        for (LabelRun* run = runs; run < end; run++)
        {
            if (TReach.Reach == 1 && above[-1].End == run->Start && above[-1].Class == run->Class)
            {
                listed = Link(above[-1].Label, run->Label, linked, listed);
            }

            while (true)
            {
                if (above->Class == run->Class && above->Start < run->End + TReach.Reach && above->End > run->Start - TReach.Reach)
                {
                    listed = Link(above->Label, run->Label, linked, listed);
                }

                if (above->End > run->End)
                {
                    break;
                }

                above++;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Join(uint* parents, uint label, uint other)
    {
        uint root = Find(parents, other);
        uint low = Math.Min(label, root);
        if (label != None)
        {
            parents[Math.Max(label, root)] = low;
        }

        return low;
    }

    private int Link(uint a, uint b, uint* linked, int listed)
    {
        (a, b) = (Find(Parents, a), Find(Parents, b));
        if (a != b)
        {
            linked[listed++] = Math.Max(a, b);
            Parents[Math.Max(a, b)] = Math.Min(a, b);
        }

        return listed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Create(uint label, LabelRun run, int y, int width)
    {
        Parents[label] = label;
        Sums[label] = new RunSums { Area = run.End - run.Start, X0 = run.Start, X1 = run.End - 1, Y1 = y };
        Firsts[label] = (y * width) + run.Start;
        return label;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(RunSums* sums, int start, int stop, int y)
    {
        sums->Area += stop - start;
        sums->X0 = Math.Min(sums->X0, start);
        sums->X1 = Math.Max(sums->X1, stop - 1);
        sums->Y1 = y;
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
