using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Connected components of a class map (paper section 3.3; kernels.md section 2): area, box and first pixel of every component that is
/// large enough, ordered by (class, first pixel), and the components' pixels on request. The same result for any number of threads and
/// any vector width, and as kernels/components_*.cu give.
/// </summary>
/// <remarks>
/// Rows are cut into runs of one class; runs that touch runs of the row above take their labels, and labels that meet are joined. Labels are
/// given in raster order, so the smallest label of a component belongs to its first pixel. Threads take strips of rows; the rows at which
/// strips meet are joined afterwards. The workspace is kept from map to map: maps of one size cost no allocation. Not for concurrent use.
/// </remarks>
public sealed unsafe partial class ConnectedComponents : IDisposable
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
    {
        _painted = null;
        return Run(map, height, width, rule, keepRuns: false, threads);
    }

    /// <summary>The table, and the runs of every pixel's component for <see cref="ComponentAt"/>, <see cref="Covers"/> and <see cref="NextRun"/>.</summary>
    public ReadOnlySpan<Component> RunKeepingPixels(ReadOnlySpan<byte> map, int height, int width, ComponentRule rule, int threads = 0)
    {
        _painted = null;
        return Run(map, height, width, rule, keepRuns: true, threads);
    }

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

        fixed (int* painted = labels)
        {
            _painted = painted;
            return Run(map, height, width, rule, keepRuns: true, threads);
        }
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
            RunPasses(Math.Min(threads, Strips));
        }

        return Table;
    }

    private void RunPasses(int threads)
    {
        if (threads > 1)
        {
            _team.Open(threads);
        }

        try
        {
            _team.Run(Strips, _labelStrip);
            JoinSeams();
            _team.Run(Strips, _selectStrip);
            Place();
            _team.Run(Strips, _writeStrip);
            if (_painted is not null)
            {
                _team.Run(Strips, _paintStrip);
            }
        }
        finally
        {
            if (threads > 1)
            {
                _team.Close();
            }
        }
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

    /// <summary>Borders of the strips: two a thread, so that a thread that was held up does not hold up the others; more would cost more in seams.</summary>
    private void Cut(int threads)
    {
        int strips = threads == 1 ? 1 : Math.Clamp(_height / SmallestStrip, 1, 2 * threads);
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
}
