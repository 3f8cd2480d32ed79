namespace Clouds.Cli.Reports;

/// <summary>Round numbers along an axis: steps of 1, 2 or 5 times a power of ten.</summary>
internal static class AxisTicks
{
    /// <summary>About <paramref name="wanted"/> ticks that lie within low..high.</summary>
    public static IReadOnlyList<double> Linear(double low, double high, int wanted)
    {
        if (!(high > low))
        {
            return [low];
        }

        double rough = (high - low) / wanted;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        // Counted in steps rather than added up, so that 0.3 does not become 0.30000000000000004.
        long first = (long)Math.Ceiling((low / step) - 1e-9);
        long last = (long)Math.Floor((high / step) + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => Math.Round((first + i) * step, 12))];
    }

    /// <summary>Powers of ten within low..high, both logarithms to base ten.</summary>
    public static IReadOnlyList<double> Powers(double low, double high)
    {
        int first = (int)Math.Ceiling(low - 1e-9);
        int last = (int)Math.Floor(high + 1e-9);
        int stride = Math.Max(1, (last - first + 6) / 7);
        return last < first ? [low, high] : [.. Enumerable.Range(0, ((last - first) / stride) + 1).Select(i => (double)(first + (i * stride)))];
    }
}
