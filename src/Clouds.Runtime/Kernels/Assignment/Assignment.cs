using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Minimum-cost matching of queries and targets (method.md section 2.2): rectangular assignment by shortest augmenting paths with dual
/// prices, after Jonker and Volgenant 1987 and Crouse, "On implementing 2D rectangular assignment algorithms", 2016.
/// </summary>
/// <remarks>
/// cost [B, Q, T], valid [B, T] (above 0.5 = a real target) -> queries, targets, matched [B, T]: min(Q, valid) pairs by ascending query,
/// then padding (0, 0, 0). A cost that is not finite counts as far above every finite one.
/// </remarks>
public static unsafe class Assignment
{
    /// <summary>Solves the batch items from..to, whose slots are overwritten.</summary>
    /// <exception cref="ArgumentException">A length is not the shape's, or the items lie outside; nothing has been written.</exception>
    public static void Run(
        AssignmentShape shape, HostSpan<float> cost, HostSpan<float> valid, HostSpan<long> queries, HostSpan<long> targets, HostSpan<float> matched,
        int from, int to)
    {
        KernelCheck.Range(from, to, shape.Batch, "batch items");
        Run(
            cost.Pointer(shape.Costs, "cost", "B·Q·T"), valid.Pointer(shape.Slots, "valid", "B·T"), queries.Pointer(shape.Slots, "queries", "B·T"),
            targets.Pointer(shape.Slots, "targets", "B·T"), matched.Pointer(shape.Slots, "matched", "B·T"), shape.Queries, shape.Targets, from, to);
    }

    private static void Run(float* cost, float* valid, long* queries, long* targets, float* matched, int queryCount, int targetCount, int from, int to)
    {
        for (int b = from; b < to; b++)
        {
            long slot = (long)b * targetCount;
            new Span<long>(queries + slot, targetCount).Clear();
            new Span<long>(targets + slot, targetCount).Clear();
            new Span<float>(matched + slot, targetCount).Clear();
            int[] columns = Columns(new ReadOnlySpan<float>(valid + slot, targetCount));
            int[] targetOfQuery = Solve(cost + (slot * queryCount), queryCount, targetCount, columns);
            for (int q = 0; q < queryCount; q++)
            {
                if (targetOfQuery[q] >= 0)
                {
                    queries[slot] = q;
                    targets[slot] = columns[targetOfQuery[q]];
                    matched[slot++] = 1;
                }
            }
        }
    }

    private static int[] Columns(ReadOnlySpan<float> valid)
    {
        List<int> columns = [];
        for (int t = 0; t < valid.Length; t++)
        {
            if (valid[t] > 0.5f)
            {
                columns.Add(t);
            }
        }

        return [.. columns];
    }

    /// <summary>For each query the position of its target in <paramref name="columns"/>, or -1.</summary>
    private static int[] Solve(float* cost, int queryCount, int targetCount, int[] columns)
    {
        int[] targetOfQuery = new int[queryCount];
        Array.Fill(targetOfQuery, -1);
        if (columns.Length == 0)
        {
            return targetOfQuery;
        }

        bool rowsAreTargets = columns.Length < queryCount;
        (int rows, int width) = rowsAreTargets ? (columns.Length, queryCount) : (queryCount, columns.Length);
        double[] table = new double[rows * width];
        for (int q = 0; q < queryCount; q++)
        {
            for (int t = 0; t < columns.Length; t++)
            {
                table[rowsAreTargets ? (t * width) + q : (q * width) + t] = cost[((long)q * targetCount) + columns[t]];
            }
        }

        ReplaceNonFinite(table);
        int[] columnOfRow = new AugmentingPaths(table, rows, width).Solve();
        for (int row = 0; row < rows; row++)
        {
            (int q, int t) = rowsAreTargets ? (columnOfRow[row], row) : (row, columnOfRow[row]);
            targetOfQuery[q] = t;
        }

        return targetOfQuery;
    }

    private static void ReplaceNonFinite(double[] table)
    {
        double largest = 0;
        foreach (double cost in table)
        {
            largest = double.IsFinite(cost) ? Math.Max(largest, Math.Abs(cost)) : largest;
        }

        for (int i = 0; i < table.Length; i++)
        {
            table[i] = double.IsFinite(table[i]) ? table[i] : 1e6 + (1e3 * largest);
        }
    }

    /// <summary>The solver for rows &lt;= columns; prices keep every reduced cost non-negative, zero on matched pairs.</summary>
    private sealed class AugmentingPaths(double[] cost, int rows, int columns)
    {
        private readonly double[] _rowPrice = new double[rows];
        private readonly double[] _columnPrice = new double[columns];
        private readonly double[] _distance = new double[columns];
        private readonly int[] _parent = new int[columns];
        private readonly int[] _rowOfColumn = Filled(columns);
        private readonly int[] _columnOfRow = Filled(rows);
        private readonly int[] _open = new int[columns];
        private readonly bool[] _rowSeen = new bool[rows];
        private readonly bool[] _columnSeen = new bool[columns];

        public int[] Solve()
        {
            for (int row = 0; row < rows; row++)
            {
                int sink = ShortestPath(row, out double length);
                UpdatePrices(row, length);
                Flip(row, sink);
            }

            return _columnOfRow;
        }

        private static int[] Filled(int length)
        {
            int[] values = new int[length];
            Array.Fill(values, -1);
            return values;
        }

        /// <summary>Dijkstra over reduced costs from a free row to the nearest free column.</summary>
        private int ShortestPath(int start, out double length)
        {
            Array.Fill(_distance, double.PositiveInfinity);
            Array.Clear(_rowSeen);
            Array.Clear(_columnSeen);
            int open = columns;
            for (int i = 0; i < columns; i++)
            {
                _open[i] = columns - 1 - i;
            }

            int row = start;
            length = 0;
            while (true)
            {
                _rowSeen[row] = true;
                int nearest = Relax(row, length, open);
                int column = _open[nearest];
                length = _distance[column];
                _columnSeen[column] = true;
                _open[nearest] = _open[--open];
                if (_rowOfColumn[column] < 0)
                {
                    return column;
                }

                row = _rowOfColumn[column];
            }
        }

        /// <summary>Shortens distances through a row and finds the nearest open column; on a tie a free one ends the search sooner.</summary>
        private int Relax(int row, double length, int open)
        {
            int nearest = -1;
            double lowest = double.PositiveInfinity;
            ReadOnlySpan<double> line = cost.AsSpan(row * columns, columns);
            double offset = length - _rowPrice[row];
            for (int i = 0; i < open; i++)
            {
                int column = _open[i];
                double through = offset + line[column] - _columnPrice[column];
                if (through < _distance[column])
                {
                    _distance[column] = through;
                    _parent[column] = row;
                }

                if (_distance[column] < lowest || (_distance[column] == lowest && _rowOfColumn[column] < 0))
                {
                    (lowest, nearest) = (_distance[column], i);
                }
            }

            return nearest;
        }

        private void UpdatePrices(int start, double length)
        {
            _rowPrice[start] += length;
            for (int row = 0; row < rows; row++)
            {
                if (_rowSeen[row] && row != start)
                {
                    _rowPrice[row] += length - _distance[_columnOfRow[row]];
                }
            }

            for (int column = 0; column < columns; column++)
            {
                if (_columnSeen[column])
                {
                    _columnPrice[column] -= length - _distance[column];
                }
            }
        }

        private void Flip(int start, int column)
        {
            while (true)
            {
                int row = _parent[column];
                _rowOfColumn[column] = row;
                (column, _columnOfRow[row]) = (_columnOfRow[row], column);
                if (row == start)
                {
                    return;
                }
            }
        }
    }
}
