namespace Clouds.Runtime.Kernels;

/// <summary>
/// Memory of <see cref="ConnectedComponents"/>. Arrays are as long as the worst map needs, a label a pixel; pages that no map touches
/// are never backed by memory. Owned by the workspace.
/// </summary>
internal sealed unsafe class ComponentMemory : IDisposable
{
    /// <summary>Rows of a strip where runs are not kept: its first, and two that take turns.</summary>
    private const int StripRows = 3;

    /// <summary>Bit positions are written in fours.</summary>
    private const int Overrun = 4;

    /// <summary>Labels between those that mean none, so that threads do not write to one cache line.</summary>
    private const int NoneGap = 16;

    private readonly List<NativeBuffer> _buffers = [];
    private readonly (int Height, int Width, int Strips) _size;
    private readonly int _rowWords;
    private readonly int* _starts;
    private readonly int* _ends;
    private readonly uint* _labels;
    private readonly ulong* _words;
    private readonly ulong* _pairs;
    private readonly byte* _padded;

    private ComponentMemory(int height, int width, int strips, bool keepsRuns)
    {
        (_size, KeepsRuns) = ((height, width, strips), keepsRuns);
        (PaddedWidth, Pitch) = (Math.Max(width, RowRuns.NarrowestRow), width + 1L + Overrun);
        _rowWords = RowRuns.Words(PaddedWidth);
        long pixels = (long)height * width;
        long rows = (keepsRuns ? height : (long)StripRows * strips) + 1;
        uint* parents = (uint*)Take((pixels + ((long)NoneGap * strips)) * sizeof(uint));
        RunSums* sums = (RunSums*)Take(pixels * sizeof(RunSums));
        Forest = new RunForest(parents, sums, (int*)Take(pixels * sizeof(int)));
        Selected = (uint*)Take(pixels * sizeof(uint));
        Rows = (int*)Take(pixels * sizeof(int));
        Linked = (uint*)Take(2L * width * strips * sizeof(uint));
        RowCounts = (int*)Take((long)height * sizeof(int));
        StripLabels = (uint*)Take((long)strips * sizeof(uint));
        StripSelected = (int*)Take((long)strips * sizeof(int));
        _starts = (int*)Take(rows * Pitch * sizeof(int));
        _ends = (int*)Take(rows * Pitch * sizeof(int));
        _labels = (uint*)Take(rows * Pitch * sizeof(uint));
        _words = (ulong*)Take(((2L * strips) + 1) * _rowWords * sizeof(ulong));
        _pairs = (ulong*)Take(strips * 2 * Pitch * sizeof(ulong));
        _padded = Take(2L * strips * PaddedWidth);
    }

    /// <summary>Labels.</summary>
    public RunForest Forest { get; }

    /// <summary>Roots that are large enough, by strip, from the strip's first label on.</summary>
    public uint* Selected { get; }

    /// <summary>Index in the table by root, −1 for a component that is too small.</summary>
    public int* Rows { get; }

    /// <summary>Roots that were linked at seams; a seam has fewer than two pairs a column.</summary>
    public uint* Linked { get; }

    /// <summary>Runs of each row.</summary>
    public int* RowCounts { get; }

    /// <summary>Behind the last label of each strip.</summary>
    public uint* StripLabels { get; }

    /// <summary>Number of <see cref="Selected"/> roots of each strip.</summary>
    public int* StripSelected { get; }

    /// <summary>Whether the runs of all rows stay.</summary>
    public bool KeepsRuns { get; }

    /// <summary>Columns of the rows that are read: narrow ones are filled up.</summary>
    public int PaddedWidth { get; }

    private long Pitch { get; }

    // Behind the rows of all strips.
    private long SpareRow => KeepsRuns ? _size.Height : (long)StripRows * _size.Strips;

    /// <summary>The memory itself where it fits, else new memory in its place.</summary>
    public static ComponentMemory Fit(ComponentMemory? memory, int height, int width, int strips, bool keepsRuns)
    {
        if (memory is not null && memory._size == (height, width, strips) && (memory.KeepsRuns || !keepsRuns))
        {
            return memory;
        }

        memory?.Dispose();
        return new ComponentMemory(height, width, strips, keepsRuns);
    }

    /// <summary>Where the runs of row y, the index-th of its strip, go.</summary>
    public RowOutput Output(int strip, int y, int index) => Output(RowOf(strip, y, index), Words(strip, index), strip);

    /// <summary>Where runs go that nobody needs, with the pairs of a strip.</summary>
    public RowOutput Spare(int strip) => Output(SpareRow, _words + (2L * _size.Strips * _rowWords), strip);

    /// <summary>Labels of the runs of row y, the index-th of its strip.</summary>
    public uint* Labels(int strip, int y, int index) => _labels + (Pitch * RowOf(strip, y, index));

    /// <summary>Start bits of the index-th row of a strip; those of the row before it stay, too.</summary>
    public ulong* Words(int strip, int index) => _words + (((2L * strip) + (index & 1)) * _rowWords);

    /// <summary>The label that means none in a strip.</summary>
    public uint None(int strip) => (uint)(((long)_size.Height * _size.Width) + (NoneGap * strip));

    /// <summary>A row as it can be read: itself, or filled up with 255.</summary>
    public byte* Padded(byte* row, int strip, int index)
    {
        if (_size.Width == PaddedWidth)
        {
            return row;
        }

        byte* padded = _padded + (((2L * strip) + (index & 1)) * PaddedWidth);
        new Span<byte>(row, _size.Width).CopyTo(new Span<byte>(padded, PaddedWidth));
        new Span<byte>(padded + _size.Width, PaddedWidth - _size.Width).Fill(ComponentRule.Ignore);
        return padded;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    private RowOutput Output(long row, ulong* words, int strip) => new(_starts + (Pitch * row), _ends + (Pitch * row), words, _pairs + (strip * 2 * Pitch));

    private long RowOf(int strip, int y, int index) => KeepsRuns ? y : (StripRows * (long)strip) + (index == 0 ? 0 : 1 + (index & 1));

    private byte* Take(long bytes)
    {
        _buffers.Add(new NativeBuffer(bytes, clear: false));
        return _buffers[^1].Pointer;
    }
}
