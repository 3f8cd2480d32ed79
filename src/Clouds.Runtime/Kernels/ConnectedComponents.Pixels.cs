using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <content>Which pixels belong to a component.</content>
internal sealed unsafe partial class ConnectedComponents
{
    /// <summary>Index in <see cref="Table"/> of the component that covers a pixel, or −1; after a call that keeps pixels.</summary>
    public int ComponentAt(int x, int y)
    {
        LabelRun* run = RunAt(x, y);
        return run is null ? -1 : Row(*run);
    }

    /// <summary>Whether a window of one component lies around a pixel: columns x − radius to x + radius, rows alike, all inside the map.</summary>
    public bool Covers(int component, int x, int y, int radius)
    {
        if (x < radius || y < radius || x + radius >= _width || y + radius >= _height)
        {
            return false;
        }

        for (int row = y - radius; row <= y + radius; row++)
        {
            LabelRun* run = RunAt(x - radius, row);
            if (run is null || run->End <= x + radius || Row(*run) != component)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The component's runs of a row, in order, as (first column, column behind the last).</summary>
    public void CopyRuns(int component, int y, List<(int Start, int End)> runs)
    {
        LabelRun* row = Runs(y);
        for (int i = 0; i < _memory!.RowCounts[y]; i++)
        {
            if (Row(row[i]) == component)
            {
                runs.Add((row[i].Start, row[i].End));
            }
        }
    }

    private int Row(LabelRun run) => _memory!.Rows[_memory.Forest.Root(run.Label)];

    private LabelRun* Runs(int y) => _memory is { KeepsRuns: true } ? _memory.Place(0, y, 0) : throw new InvalidOperationException("The runs of the last map were not kept.");

    /// <summary>The run that covers a pixel, or null.</summary>
    private LabelRun* RunAt(int x, int y)
    {
        LabelRun* runs = Runs(y);
        (int low, int high) = (0, _memory!.RowCounts[y]);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = runs[middle].End <= x ? (middle + 1, high) : (low, middle);
        }

        return runs[low].Start <= x ? runs + low : null;
    }

    private void PaintStrip(int strip)
    {
        (int from, int to) = (_borders[strip], _borders[strip + 1]);
        for (int y = from; y < to; y++)
        {
            int* row = _painted + ((long)y * _width);
            if (y + 1 < to)
            {
                PaintRow(row, y);
            }
            else
            {
                PaintLastRow(new Span<int>(row, _width), y);
            }
        }
    }

    /// <summary>Paints whole vectors; what reaches beyond a run is painted over by the next run, or by the next row.</summary>
    private void PaintRow(int* row, int y)
    {
        LabelRun* runs = Runs(y);
        int done = 0;
        for (int i = 0; i < _memory!.RowCounts[y]; i++)
        {
            Fill(row, done, runs[i].Start, -1);
            Fill(row, runs[i].Start, runs[i].End, Row(runs[i]));
            done = runs[i].End;
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

    private void PaintLastRow(Span<int> row, int y)
    {
        LabelRun* runs = Runs(y);
        row.Fill(-1);
        for (int i = 0; i < _memory!.RowCounts[y]; i++)
        {
            row[runs[i].Start..runs[i].End].Fill(Row(runs[i]));
        }
    }
}
