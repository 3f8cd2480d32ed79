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
    private readonly byte[] _kept = GC.AllocateArray<byte>(256, pinned: true);
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
    private Connectivity _connectivity;
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

    /// <summary>The table, and the runs of every pixel's component for <see cref="ComponentAt"/> and <see cref="CopyRuns"/>.</summary>
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
            _painted = painted;
            _team.Run(Threads(threads), _memory is null ? 0 : Strips, _paintStrip);
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

        (_height, _width, _connectivity, _largerThan) = (height, width, rule.Connectivity, rule.LargerThan);
        rule.FillKept(_kept);
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
        if (_connectivity == Connectivity.Four)
        {
            LabelStrip<FourReach>(strip);
        }
        else
        {
            LabelStrip<EightReach>(strip);
        }
    }

    private void LabelStrip<TReach>(int strip)
        where TReach : IReach
    {
        ComponentMemory memory = _memory!;
        RunForest forest = memory.Forest;
        (int from, int to) = (_borders[strip], _borders[strip + 1]);
        fixed (byte* kept = _kept)
        {
            // A label is given to a pixel at most once, so a strip's labels fit the numbers of its pixels.
            uint first = (uint)(from * _width);
            uint next = first;
            int* starts = memory.Starts(strip);
            LabelRun* above = memory.NoRuns;
            for (int y = from; y < to; y++)
            {
                LabelRun* runs = memory.Place(strip, y, y - from);
                int count = RowRuns.Extract(_level, _map + ((long)y * _width), _width, kept, starts, runs);
                memory.RowCounts[y] = count;
                next = forest.LabelRow<TReach>(above, runs, count, y, _width, next);
                above = runs;
            }

            forest.Flatten(first, next);
            memory.StripLabels[strip] = next;
        }
    }

    private void JoinSeams()
    {
        ComponentMemory memory = _memory!;
        RunForest forest = memory.Forest;
        int linked = 0;
        for (int strip = 1; strip < Strips; strip++)
        {
            int y = _borders[strip];
            LabelRun* above = memory.Place(strip - 1, y - 1, y - 1 - _borders[strip - 1]);
            LabelRun* runs = memory.Place(strip, y, 0);
            linked = _connectivity == Connectivity.Four
                ? forest.JoinRows<FourReach>(above, runs, memory.RowCounts[y], memory.Linked, linked)
                : forest.JoinRows<EightReach>(above, runs, memory.RowCounts[y], memory.Linked, linked);
        }

        forest.FlattenLinked(memory.Linked, linked);
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
            int place = System.Runtime.CompilerServices.Unsafe.Add(ref places, own)++;
            memory.Rows[label] = place;
            _table[place] = new Component(own, sums.Area, sums.X0, first / _width, sums.X1, sums.Y1, first);
        }
    }
}
