using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Connected components of a class map (paper section 3.3; kernels.md section 2): area, box and first pixel of every component that is
/// large enough, ordered by (class, first pixel), and the components' pixels on request. The same result for any number of threads and
/// any vector width, and as kernels/connected_components.cu gives.
/// </summary>
/// <remarks>
/// Rows are cut into runs of one class; runs that touch runs of the row above take their labels, and labels that meet are joined. Labels are
/// given in raster order, so the smallest label of a component belongs to its first pixel. Threads take strips of rows; the rows at which
/// strips meet are joined afterwards. The workspace is kept from map to map: maps of one size cost no allocation. Not for concurrent use.
/// </remarks>
internal sealed unsafe partial class ConnectedComponents : IDisposable
{
    /// <summary>Fewer rows are not worth a seam.</summary>
    private const int SmallestStrip = 16;

    private readonly StripTeam _team = new();
    private readonly byte[] _kept = GC.AllocateArray<byte>(512, pinned: true);
    private readonly Action<int> _labelStrip;
    private readonly Action<int> _selectStrip;
    private readonly Action<int> _writeStrip;
    private readonly Action<int> _paintStrip;
    private readonly SimdLevel _level;
    private ComponentMemory? _memory;
    private Component[] _table = [];
    private int[] _borders = [0, 0];
    private int[] _counts = [];
    private int _components;

    // What the strips of the present call share.
    private byte* _map;
    private int* _painted;
    private int _height;
    private int _width;
    private ComponentRule? _rule;
    private KeptClasses _classes;
    private bool _four;
    private int _largerThan;

    /// <summary>An empty workspace.</summary>
    /// <param name="level">Vector width; null = the widest of this machine.</param>
    public ConnectedComponents(SimdLevel? level = null)
    {
        _level = level ?? SimdLevels.Best;
        (_labelStrip, _selectStrip, _writeStrip, _paintStrip) = (LabelStrip, SelectStrip, WriteStrip, PaintStrip);
    }

    /// <summary>Components of the last map; valid until the next call.</summary>
    public ReadOnlySpan<Component> Table => _table.AsSpan(0, _components);

    /// <summary>The table alone.</summary>
    /// <param name="map">Classes [height, width]; 255 is always excluded.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns; height · width is at most 2^31 − 1.</param>
    /// <param name="rule">What counts as a component.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <returns><see cref="Table"/>.</returns>
    public ReadOnlySpan<Component> Run(ReadOnlySpan<byte> map, int height, int width, ComponentRule rule, int threads = 0)
        => Run(map, height, width, rule, keepRuns: false, threads);

    /// <summary>The table, and the runs of every pixel's component for <see cref="ComponentAt"/>, <see cref="Covers"/> and <see cref="NextRun"/>.</summary>
    public ReadOnlySpan<Component> RunKeepingPixels(ReadOnlySpan<byte> map, int height, int width, ComponentRule rule, int threads = 0)
        => Run(map, height, width, rule, keepRuns: true, threads);

    /// <summary>The table, and for each pixel the index of its component in the table, or −1.</summary>
    /// <param name="map">Classes [height, width].</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="rule">What counts as a component.</param>
    /// <param name="labels">[height, width], overwritten.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <returns><see cref="Table"/>.</returns>
    public ReadOnlySpan<Component> Run(ReadOnlySpan<byte> map, int height, int width, ComponentRule rule, Span<int> labels, int threads = 0)
    {
        if (labels.Length != map.Length)
        {
            throw new ArgumentException($"connected components: {labels.Length} labels for {map.Length} pixels", nameof(labels));
        }

        Run(map, height, width, rule, keepRuns: true, threads);
        fixed (int* painted = labels)
        {
            if (painted is not null)
            {
                _painted = painted;
                _team.Run(Threads(threads), Strips, _paintStrip);
            }
        }

        return Table;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    private int Strips => _borders.Length - 1;

    private static int Threads(int threads) => threads == 0 ? WorkSplit.DefaultThreads : threads;

    private ReadOnlySpan<Component> Run(ReadOnlySpan<byte> map, int height, int width, ComponentRule rule, bool keepRuns, int threads)
    {
        if (height < 0 || width < 0 || (long)height * width != map.Length)
        {
            throw new ArgumentException($"connected components: {map.Length} pixels do not make {height} rows of {width}", nameof(map));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(rule.LargerThan);
        _components = 0;
        if (map.IsEmpty)
        {
            return Table;
        }

        (_height, _width, _four, _largerThan) = (height, width, rule.Connectivity == Connectivity.Four, rule.LargerThan);
        List(rule);
        threads = Threads(threads);
        Cut(threads);
        _memory = ComponentMemory.Fit(_memory, height, width, Strips, keepRuns);
        fixed (byte* pixels = map)
        {
            _map = pixels;
            _team.Run(threads, Strips, _labelStrip);
            JoinSeams();
            _team.Run(threads, Strips, _selectStrip);
            Place();
            _team.Run(threads, Strips, _writeStrip);
        }

        return Table;
    }

    private void List(ComponentRule rule)
    {
        if (!ReferenceEquals(rule, _rule))
        {
            _rule = rule;
            rule.FillKept(_kept.AsSpan(0, 256));
            _classes = new KeptClasses((byte*)Unsafe.AsPointer(ref _kept[0]));
        }
    }

    /// <summary>Borders of the strips: several a thread, so that a thread that was held up does not hold up the others.</summary>
    private void Cut(int threads)
    {
        int strips = threads == 1 ? 1 : Math.Clamp(_height / SmallestStrip, 1, 4 * threads);
        if (Strips != strips || _counts.Length != strips * 256)
        {
            _borders = new int[strips + 1];
            _counts = new int[strips * 256];
        }

        for (int strip = 0; strip <= strips; strip++)
        {
            _borders[strip] = (int)((long)_height * strip / strips);
        }
    }

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
            int y = _borders[strip];
            int last = y - 1 - _borders[strip - 1];
            byte* above = memory.Padded(_map + ((y - 1L) * _width), strip - 1, 0);
            byte* row = memory.Padded(_map + ((long)y * _width), strip - 1, 1);
            RowOutput output = memory.Spare(strip);

            // One row a strip: not worth its vectors.
            (_, int pairs) = _four
                ? RowRuns<PlainWords, FourReach>.Read(row, above, memory.Words(strip - 1, last), memory.PaddedWidth, _classes, output)
                : RowRuns<PlainWords, EightReach>.Read(row, above, memory.Words(strip - 1, last), memory.PaddedWidth, _classes, output);
            linked = memory.Forest.JoinSeam(output.Pairs, pairs, memory.Labels(strip, y, 0), memory.Labels(strip - 1, y - 1, last), memory.Linked, linked);
        }

        memory.Forest.FlattenLinked(memory.Linked, linked);
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
