using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Adjoining pixels of one class in a row; <paramref name="end"/> is behind the last.</summary>
internal struct LabelRun(int start, int end, int @class)
{
    public int Start = start;
    public int End = end;
    public int Class = @class;
    public uint Label;
}

/// <summary>Cuts a row of classes into runs (kernels.md section 2.7): every pixel is compared with its left neighbour, 64 at a time.</summary>
internal static unsafe class RowRuns
{
    /// <summary>Pixels whose comparison gives one word of start bits.</summary>
    private const int Word = 64;

    /// <summary>Integers of scratch for a row.</summary>
    public static int ScratchLength(int width) => width + Word;

    /// <summary>Writes the runs of kept classes, in order, and a guard on each side that touches nothing.</summary>
    /// <param name="level">Vector width.</param>
    /// <param name="row">Classes of the row.</param>
    /// <param name="width">Pixels of the row, at least one.</param>
    /// <param name="kept">For each class 1 or 0.</param>
    /// <param name="starts"><see cref="ScratchLength"/> integers.</param>
    /// <param name="runs">width + 1 runs, and one before.</param>
    /// <returns>The number of runs.</returns>
    public static int Extract(SimdLevel level, byte* row, int width, byte* kept, int* starts, LabelRun* runs)
    {
        int count = level switch
        {
            SimdLevel.Vector512 when width > Word => Starts<Words512>(row, width, starts),
            SimdLevel.Vector256 when width > Word => Starts<Words256>(row, width, starts),
            _ => PlainStarts(row, width, starts),
        };
        starts[count] = width;

        // Every run is written and the excluded ones are written over: no branch on the data.
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            int c = row[starts[i]];
            runs[found] = new LabelRun(starts[i], starts[i + 1], c);
            found += kept[c];
        }

        runs[-1] = new LabelRun(-2, -2, -1);
        runs[found] = new LabelRun(int.MaxValue - 1, int.MaxValue - 1, -1);
        return found;
    }

    private static int PlainStarts(byte* row, int width, int* starts)
    {
        starts[0] = 0;
        int count = 1;
        for (int x = 1; x < width; x++)
        {
            starts[count] = x;
            count += row[x] != row[x - 1] ? 1 : 0;
        }

        return count;
    }

    private static int Starts<T>(byte* row, int width, int* starts)
        where T : IWords
    {
        starts[0] = 0;
        int count = 1;
        int x = 1;
        for (; x + Word <= width; x += Word)
        {
            ulong bits = T.Changes(row + x);
            if (bits != 0)
            {
                count = Append(starts, count, x, bits);
            }
        }

        // The last word reaches back so that nothing behind the row is read.
        ulong rest = x < width ? T.Changes(row + width - Word) >> (x - (width - Word)) : 0;
        return rest == 0 ? count : Append(starts, count, x, rest);
    }

    /// <summary>Positions of the set bits; up to three words of rubbish are written behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Append(int* starts, int count, int x, ulong bits)
    {
        int* next = starts + count;
        count += BitOperations.PopCount(bits);
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

    private interface IWords
    {
        /// <summary>Bit i says that pixels[i] differs from pixels[i - 1], for 64 pixels.</summary>
        static abstract ulong Changes(byte* pixels);
    }

    private readonly struct Words512 : IWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Changes(byte* pixels) => ~Vector512.Equals(Vector512.Load(pixels), Vector512.Load(pixels - 1)).ExtractMostSignificantBits();
    }

    private readonly struct Words256 : IWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Changes(byte* pixels) => ~(Half(pixels) | ((ulong)Half(pixels + 32) << 32));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static uint Half(byte* pixels) => Vector256.Equals(Vector256.Load(pixels), Vector256.Load(pixels - 1)).ExtractMostSignificantBits();
    }
}
