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

    /// <summary>
    /// Round numbers within low..high, all of them logarithms to base ten: powers of ten, and 2 and 5 times those where the axis spans less
    /// than three decades.
    /// </summary>
    public static IReadOnlyList<double> Powers(double low, double high)
    {
        int first = (int)Math.Floor(low + 1e-9);
        int last = (int)Math.Ceiling(high - 1e-9);
        int stride = Math.Max(1, (last - first + 6) / 7);
        double[] multiples = high - low < 3 ? [1, 2, 5] : [1];
        IEnumerable<double> ticks = Enumerable.Range(0, ((last - first) / stride) + 1)
            .SelectMany(i => multiples.Select(multiple => first + (i * stride) + Math.Log10(multiple)));
        double[] inside = [.. ticks.Where(tick => tick >= low - 1e-9 && tick <= high + 1e-9)];
        return inside.Length > 0 ? inside : [low, high];
    }
}
