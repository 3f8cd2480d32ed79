namespace Clouds.Runtime.Kernels;

/// <summary>
/// Memory of <see cref="ConnectedComponents"/>. Arrays are as long as the worst map needs, a label a pixel; pages that no map touches
/// are never backed by memory. Owned by the workspace.
/// </summary>
internal sealed unsafe class ComponentMemory : IDisposable
{
    /// <summary>Rows of runs of a strip where runs are not kept: its first, and two that take turns.</summary>
    private const int StripRows = 3;

    private readonly NativeBuffer _buffer;
    private readonly int _height;
    private readonly int _width;
    private readonly int _strips;
    private readonly LabelRun* _runs;
    private readonly int* _starts;

    private ComponentMemory(int height, int width, int strips, bool keepsRuns)
    {
        (_height, _width, _strips, KeepsRuns) = (height, width, strips, keepsRuns);
        long pixels = (long)height * width;
        long runs = Pitch * ((keepsRuns ? height : (long)StripRows * strips) + 1);
        long starts = (long)RowRuns.ScratchLength(width) * strips;
        _buffer = new NativeBuffer((pixels * (sizeof(RunSums) + (4L * sizeof(int)))) + (runs * sizeof(LabelRun)) + ((starts + Linkable + height + (2L * strips)) * sizeof(int)), clear: false);
        byte* next = _buffer.Pointer;
        RunSums* sums = (RunSums*)Take(ref next, pixels * sizeof(RunSums));
        uint* parents = (uint*)Take(ref next, pixels * sizeof(uint));
        int* firsts = (int*)Take(ref next, pixels * sizeof(int));
        Forest = new RunForest(parents, sums, firsts);
        Selected = (uint*)Take(ref next, pixels * sizeof(uint));
        Rows = (int*)Take(ref next, pixels * sizeof(int));
        _runs = (LabelRun*)Take(ref next, runs * sizeof(LabelRun));
        _starts = (int*)Take(ref next, starts * sizeof(int));
        Linked = (uint*)Take(ref next, Linkable * sizeof(uint));
        RowCounts = (int*)Take(ref next, height * sizeof(int));
        StripLabels = (uint*)Take(ref next, strips * sizeof(uint));
        StripSelected = (int*)Take(ref next, strips * sizeof(int));
        (NoRuns[-1], NoRuns[0]) = (new LabelRun(-2, -2, -1), new LabelRun(int.MaxValue - 1, int.MaxValue - 1, -1));
    }

    /// <summary>Labels, by label.</summary>
    public RunForest Forest { get; }

    /// <summary>Roots that are large enough, by strip, from the strip's first label on.</summary>
    public uint* Selected { get; }

    /// <summary>Index in the table by root, −1 for a component that is too small.</summary>
    public int* Rows { get; }

    /// <summary>Roots that were linked at seams.</summary>
    public uint* Linked { get; }

    /// <summary>Runs of each row.</summary>
    public int* RowCounts { get; }

    /// <summary>Behind the last label of each strip.</summary>
    public uint* StripLabels { get; }

    /// <summary>Number of <see cref="Selected"/> roots of each strip.</summary>
    public int* StripSelected { get; }

    /// <summary>Whether the runs of all rows stay.</summary>
    public bool KeepsRuns { get; }

    /// <summary>A row without runs.</summary>
    public LabelRun* NoRuns => _runs + 1;

    // A guard on each side of a row of width runs.
    private long Pitch => _width + 2L;

    // A seam links less than every run to one above.
    private long Linkable => 2L * _width * _strips;

    /// <summary>The memory itself where it fits, else new memory in its place.</summary>
    public static ComponentMemory Fit(ComponentMemory? memory, int height, int width, int strips, bool keepsRuns)
    {
        if (memory is not null && memory._height == height && memory._width == width && memory._strips == strips && (memory.KeepsRuns || !keepsRuns))
        {
            return memory;
        }

        memory?.Dispose();
        return new ComponentMemory(height, width, strips, keepsRuns);
    }

    /// <summary>Where row y, the index-th of its strip, has its runs.</summary>
    public LabelRun* Place(int strip, int y, int index)
    {
        long row = KeepsRuns ? y : (StripRows * (long)strip) + (index == 0 ? 0 : 1 + (index & 1));
        return _runs + (Pitch * (row + 1)) + 1;
    }

    /// <summary>Scratch of a strip for the starts of a row's runs.</summary>
    public int* Starts(int strip) => _starts + ((long)RowRuns.ScratchLength(_width) * strip);

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static byte* Take(ref byte* next, long bytes)
    {
        byte* taken = next;
        next += bytes;
        return taken;
    }
}
