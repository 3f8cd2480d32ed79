using System.Numerics;
using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>Where a row's runs go; borrowed. A run is adjoining pixels of one class that forms components.</summary>
/// <param name="starts">First column of each run.</param>
/// <param name="ends">Column behind the last.</param>
/// <param name="words">Start bits of the row, 64 columns a word, from column 1 on.</param>
/// <param name="pairs">Touching runs as (run of the row, run of the row above), by run of the row.</param>
internal readonly unsafe struct RowOutput(int* starts, int* ends, ulong* words, ulong* pairs)
{
    public int* Starts { get; } = starts;

    public int* Ends { get; } = ends;

    public ulong* Words { get; } = words;

    public ulong* Pairs { get; } = pairs;
}

/// <summary>
/// Cuts a row of classes into runs and finds the runs of the row above that they touch (kernels.md section 2.2), 64 columns at a time from
/// comparisons alone: a pair of runs is joined at the first column they share, and the runs' numbers are counts of start bits up to there.
/// There is no walk along the two rows, which would guess wrong at every other run of a noisy map.
/// </summary>
/// <typeparam name="TWords">Vector width.</typeparam>
/// <typeparam name="TReach">Which runs touch.</typeparam>
internal static unsafe class RowRuns<TWords, TReach>
    where TWords : IRowWords
    where TReach : IReach
{
    private const int Word = RowRuns.Word;

    /// <summary>Reads a row.</summary>
    /// <param name="row">Classes, at least 65.</param>
    /// <param name="above">The row above, or null.</param>
    /// <param name="aboveWords">Start bits of the row above.</param>
    /// <param name="width">Pixels of the row.</param>
    /// <param name="classes">Which classes form components.</param>
    /// <param name="output">Receives the runs.</param>
    /// <returns>How many runs and pairs there are.</returns>
    public static (int Runs, int Pairs) Read(byte* row, byte* above, ulong* aboveWords, int width, in KeptClasses classes, RowOutput output)
    {
        ulong joins = above is null ? 0 : ulong.MaxValue;
        above = above is null ? row : above;

        // Column 0 has no left neighbour.
        ulong kept = classes.Keeps(row[0]) ? 1UL : 0;
        ulong same = row[0] == above[0] ? kept : 0;
        Counts counts = new() { Starts = (int)kept, Above = classes.Keeps(above[0]) ? 1 : 0 };
        output.Starts[0] = 0;
        output.Pairs[0] = 0;
        counts.Pairs = (int)(same & joins);
        int w = 0;
        for (int x = 1; x < width; x += Word, w++)
        {
            // The last word reaches back so that nothing behind the row is read.
            int at = Math.Min(x, width - Word);
            int shift = x - at;
            ulong change = ~TWords.Equal(row + at, row + at - 1) >> shift;
            ulong own = classes.Kept<TWords>(row + at) >> shift;
            ulong vertical = (TWords.Equal(row + at, above + at) >> shift) & own;
            ulong starts = change & own;
            ulong ends = change & ((own << 1) | kept);
            output.Words[w] = starts;
            if (starts != 0)
            {
                Append(output.Starts + counts.Starts, x, starts);
            }

            if (ends != 0)
            {
                counts.Ends += Append(output.Ends + counts.Ends, x, ends);
            }

            // Where both rows go on, the pair has met before.
            ulong meets = vertical & (starts | ~((vertical << 1) | same)) & joins;
            ulong upper = aboveWords[w];
            if (TReach.Reach == 0)
            {
                Pair(meets, starts, upper, output.Pairs, ref counts);
            }
            else
            {
                ulong left = (TWords.Equal(row + at, above + at - 1) >> shift) & starts & ~vertical & joins;
                ulong right = (TWords.Equal(row + at - 1, above + at) >> shift) & upper & ~vertical & joins;
                PairDiagonals(meets, left, right, starts, upper, output.Pairs, ref counts);
            }

            counts.Starts += BitOperations.PopCount(starts);
            counts.Above += BitOperations.PopCount(upper);
            (kept, same) = (own >> 63, vertical >> 63);
        }

        if (counts.Ends < counts.Starts)
        {
            output.Ends[counts.Ends] = width;
        }

        return (counts.Starts, counts.Pairs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(ulong meets, ulong starts, ulong upper, ulong* pairs, ref Counts counts)
    {
        ulong* next = pairs + counts.Pairs;
        counts.Pairs += BitOperations.PopCount(meets);
        while (meets != 0)
        {
            ulong upTo = meets ^ (meets - 1);
            *next++ = RowRuns.Pair(counts.Starts + BitOperations.PopCount(starts & upTo), counts.Above + BitOperations.PopCount(upper & upTo));
            meets &= meets - 1;
        }
    }

    /// <summary>The same with runs that meet at a corner: left, the run above ends left of a start; right, it starts right of an end.</summary>
    private static void PairDiagonals(ulong meets, ulong left, ulong right, ulong starts, ulong upper, ulong* pairs, ref Counts counts)
    {
        ulong* next = pairs + counts.Pairs;
        ulong all = meets | left | right;
        while (all != 0)
        {
            ulong bit = all & (0 - all);
            ulong upTo = all ^ (all - 1);
            int here = counts.Above + BitOperations.PopCount(upper & upTo);

            // Both corners can meet at one column; the run that ends there comes first.
            *next = RowRuns.Pair(counts.Starts + BitOperations.PopCount(starts & (upTo >> 1)), here);
            next += (right & bit) != 0 ? 1 : 0;
            int straight = counts.Above + BitOperations.PopCount(upper & (upTo >> ((left & bit) != 0 ? 1 : 0)));
            *next = RowRuns.Pair(counts.Starts + BitOperations.PopCount(starts & upTo), straight);
            next += ((meets | left) & bit) != 0 ? 1 : 0;
            all &= all - 1;
        }

        counts.Pairs = (int)(next - pairs);
    }

    /// <summary>Writes the positions of the set bits, of which there is at least one; up to three more integers are overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Append(int* next, int x, ulong bits)
    {
        int count = BitOperations.PopCount(bits);
        do
        {
            next[0] = x + BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            next[1] = x + BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            next[2] = x + BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            next[3] = x + BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            next += 4;
        }
        while (bits != 0);
        return count;
    }

    /// <summary>What has been found left of the present word.</summary>
    private struct Counts
    {
        public int Starts;
        public int Ends;
        public int Above;
        public int Pairs;
    }
}

/// <summary>Sizes and forms that all kinds of <see cref="RowRuns{TWords, TReach}"/> share.</summary>
internal static class RowRuns
{
    /// <summary>Columns of a word.</summary>
    public const int Word = 64;

    /// <summary>Narrowest row that can be read; narrower ones are copied and filled up with 255.</summary>
    public const int NarrowestRow = Word + 1;

    /// <summary>Words of start bits of a row.</summary>
    public static int Words(int width) => (width + Word - 2) / Word;

    /// <summary>A pair from counts of start bits up to its column; runs are numbered from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(int runs, int above) => (uint)(runs - 1) | ((ulong)(uint)(above - 1) << 32);
}
