using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clouds.Runtime.Kernels;

/// <content>The passes over the strips.</content>
public sealed unsafe partial class ConnectedComponents
{
    private void LabelStrip(int strip)
    {
        (int from, int to) = (_borders[strip], _borders[strip + 1]);
        _memory!.StripLabels[strip] = _four
            ? _level switch
            {
                SimdLevel.Vector512 => LabelStrip<Words512, FourReach>(strip, from, to),
                SimdLevel.Vector256 => LabelStrip<Words256, FourReach>(strip, from, to),
                _ => LabelStrip<PlainWords, FourReach>(strip, from, to),
            }
            : _level switch
            {
                SimdLevel.Vector512 => LabelStrip<Words512, EightReach>(strip, from, to),
                SimdLevel.Vector256 => LabelStrip<Words256, EightReach>(strip, from, to),
                _ => LabelStrip<PlainWords, EightReach>(strip, from, to),
            };
    }

    /// <returns>Behind the last label.</returns>
    private uint LabelStrip<TWords, TReach>(int strip, int from, int to)
        where TWords : IRowWords
        where TReach : IReach
    {
        ComponentMemory memory = _memory!;

        // A label is given to a pixel at most once, so a strip's labels fit the numbers of its pixels.
        uint first = (uint)(from * _width);
        uint next = first;
        byte* above = null;
        uint* aboveLabels = null;
        for (int y = from; y < to; y++)
        {
            byte* row = memory.Padded(_map + ((long)y * _width), strip, y - from);
            RowOutput output = memory.Output(strip, y, y - from);
            uint* labels = memory.Labels(strip, y, y - from);
            (int Runs, int Pairs) count = RowRuns<TWords, TReach>.Read(row, above, memory.Words(strip, y - from + 1), memory.PaddedWidth, _classes, output);
            memory.RowCounts[y] = count.Runs;
            next = memory.Forest.LabelRow(output, count, labels, aboveLabels, y, _width, next, memory.None(strip));
            above = row;
            aboveLabels = labels;
        }

        memory.Forest.Flatten(first, next);
        return next;
    }

    private void JoinSeams()
    {
        ComponentMemory memory = _memory!;
        int linked = 0;
        for (int strip = 1; strip < Strips; strip++)
        {
            linked = _four
                ? _level switch
                {
                    SimdLevel.Vector512 => JoinSeam<Words512, FourReach>(strip, linked),
                    SimdLevel.Vector256 => JoinSeam<Words256, FourReach>(strip, linked),
                    _ => JoinSeam<PlainWords, FourReach>(strip, linked),
                }
                : _level switch
                {
                    SimdLevel.Vector512 => JoinSeam<Words512, EightReach>(strip, linked),
                    SimdLevel.Vector256 => JoinSeam<Words256, EightReach>(strip, linked),
                    _ => JoinSeam<PlainWords, EightReach>(strip, linked),
                };
        }

        memory.Forest.FlattenLinked(memory.Linked, linked);
    }

    /// <summary>Joins a strip's first row with the last of the strip above, whose runs and pairs it finds once more.</summary>
    private int JoinSeam<TWords, TReach>(int strip, int linked)
        where TWords : IRowWords
        where TReach : IReach
    {
        ComponentMemory memory = _memory!;
        int y = _borders[strip];
        int last = y - 1 - _borders[strip - 1];
        byte* above = memory.Padded(_map + ((y - 1L) * _width), strip - 1, 0);
        byte* row = memory.Padded(_map + ((long)y * _width), strip - 1, 1);
        RowOutput output = memory.Spare(strip);
        (_, int pairs) = RowRuns<TWords, TReach>.Read(row, above, memory.Words(strip - 1, last), memory.PaddedWidth, _classes, output);
        return memory.Forest.JoinSeam(output.Pairs, pairs, memory.Labels(strip, y, 0), memory.Labels(strip - 1, y - 1, last), memory.Linked, linked);
    }

    /// <summary>Lists the strip's roots that are large enough and counts them by class.</summary>
    private void SelectStrip(int strip)
    {
        ComponentMemory memory = _memory!;
        RunForest forest = memory.Forest;
        Span<int> counts = _counts.AsSpan(strip * 256, 256);
        counts.Clear();
        uint first = (uint)(_borders[strip] * _width);
        uint* selected = memory.Selected + first;
        for (uint label = first; label < memory.StripLabels[strip]; label++)
        {
            memory.Rows[label] = -1;
            if (forest.Parents[label] == label && forest.Sums[label].Area > _largerThan)
            {
                counts[_map[forest.Firsts[label]]]++;
                *selected++ = label;
            }
        }

        memory.StripSelected[strip] = (int)(selected - (memory.Selected + first));
    }

    /// <summary>Turns the counts into the place of each strip's first component of a class.</summary>
    private void Place()
    {
        int total = 0;
        for (int c = 0; c < 256; c++)
        {
            for (int strip = 0; strip < Strips; strip++)
            {
                int count = _counts[(strip * 256) + c];
                _counts[(strip * 256) + c] = total;
                total += count;
            }
        }

        if (_table.Length < total)
        {
            _table = new Component[total + (total / 4)];
        }

        _components = total;
    }

    private void WriteStrip(int strip)
    {
        ComponentMemory memory = _memory!;
        RunForest forest = memory.Forest;
        uint* selected = memory.Selected + (uint)(_borders[strip] * _width);
        ref int places = ref MemoryMarshal.GetReference(_counts.AsSpan(strip * 256));
        for (int i = 0; i < memory.StripSelected[strip]; i++)
        {
            uint label = selected[i];
            (RunSums sums, int first) = (forest.Sums[label], forest.Firsts[label]);
            int own = _map[first];
            int place = Unsafe.Add(ref places, own)++;
            memory.Rows[label] = place;
            _table[place] = new Component(own, sums.Area, sums.X0, first / _width, sums.X1, sums.Y1, first);
        }
    }
}
