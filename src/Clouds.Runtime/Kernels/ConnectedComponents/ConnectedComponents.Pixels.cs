using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <content>Which pixels belong to a component.</content>
public sealed unsafe partial class ConnectedComponents
{
    /// <summary>Index in <see cref="Table"/> of the component that covers a pixel, or −1; after a call that keeps pixels.</summary>
    public int ComponentAt(int x, int y)
    {
        int run = RunAt(x, y);
        return run < 0 ? -1 : Owner(y, run);
    }

    /// <summary>Whether a window lies inside the map and inside one component: columns x − radius to x + radius, rows alike.</summary>
    public bool Covers(int component, int x, int y, int radius)
    {
        if (x < radius || y < radius || x + radius >= _width || y + radius >= _height)
        {
            return false;
        }

        for (int row = y - radius; row <= y + radius; row++)
        {
            int run = RunAt(x - radius, row);
            if (run < 0 || Runs(row).Ends[run] <= x + radius || Owner(row, run) != component)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The n-th run from <paramref name="from"/> on that belongs to a component, or −1.</summary>
    public int NextRun(int component, int y, int from, out int start, out int end)
    {
        RowOutput runs = Runs(y);
        for (int run = from; run < _memory!.RowCounts[y]; run++)
        {
            if (Owner(y, run) == component)
            {
                (start, end) = (runs.Starts[run], runs.Ends[run]);
                return run;
            }
        }

        (start, end) = (0, 0);
        return -1;
    }

    private int Owner(int y, int run) => _memory!.Rows[_memory.Forest.Root(_memory.Labels(0, y, 0)[run])];

    private RowOutput Runs(int y)
        => _memory is { KeepsRuns: true } ? _memory.Output(0, y, 0) : throw new InvalidOperationException("The runs of the last map were not kept.");

    /// <summary>The run that covers a pixel, or −1.</summary>
    private int RunAt(int x, int y)
    {
        RowOutput runs = Runs(y);
        int count = _memory!.RowCounts[y];
        (int low, int high) = (0, count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = runs.Ends[middle] <= x ? (middle + 1, high) : (low, middle);
        }

        return low < count && runs.Starts[low] <= x ? low : -1;
    }

    private void PaintStrip(int strip)
    {
        (int from, int to) = (_borders[strip], _borders[strip + 1]);
        Resolve((uint)(from * _width), _memory!.StripLabels[strip]);
        for (int y = from; y < to; y++)
        {
            int* row = _painted + ((long)y * _width);
            bool roomBehind = (long)(to - y - 1) * _width >= Vector256<int>.Count - 1;
            if (roomBehind)
            {
                PaintRow(row, y);
            }
            else
            {
                PaintRowExactly(new Span<int>(row, _width), y);
            }
        }
    }

    /// <summary>Gives every label of a strip its root's index in the table; roots of other strips are only read.</summary>
    private void Resolve(uint from, uint to)
    {
        RunForest forest = _memory!.Forest;
        int* rows = _memory.Rows;
        for (uint label = from; label < to; label++)
        {
            if (forest.Parents[label] != label)
            {
                rows[label] = rows[forest.Root(label)];
            }
        }
    }

    /// <summary>Paints whole vectors; what reaches beyond a run is painted over by the runs and rows behind it.</summary>
    private void PaintRow(int* row, int y)
    {
        RowOutput runs = Runs(y);
        uint* labels = _memory!.Labels(0, y, 0);
        int* rows = _memory.Rows;
        int count = _memory.RowCounts[y];
        int done = 0;
        for (int i = 0; i < count; i++)
        {
            Fill(row, done, runs.Starts[i], -1);
            Fill(row, runs.Starts[i], runs.Ends[i], rows[labels[i]]);
            done = runs.Ends[i];
        }

        Fill(row, done, _width, -1);
    }

    private static void Fill(int* row, int from, int to, int value)
    {
        Vector256<int> vector = Vector256.Create(value);
        for (; from < to; from += Vector256<int>.Count)
        {
            vector.Store(row + from);
        }
    }

    private void PaintRowExactly(Span<int> row, int y)
    {
        RowOutput runs = Runs(y);
        row.Fill(-1);
        for (int i = 0; i < _memory!.RowCounts[y]; i++)
        {
            row[runs.Starts[i]..runs.Ends[i]].Fill(Owner(y, i));
        }
    }
}
