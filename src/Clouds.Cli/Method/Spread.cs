using System.Globalization;

namespace Clouds.Cli.Method;

/// <summary>A number as several seeds gave it.</summary>
/// <param name="Values">One a seed, in their order; at least one.</param>
internal sealed record Spread(IReadOnlyList<double> Values)
{
    private const int Digits = 3;

    /// <summary>Their mean.</summary>
    public double Mean => Math.Round(Values.Average(), Digits);

    /// <summary>Sample standard deviation; null of a single seed.</summary>
    public double? Deviation => Values.Count < 2 ? null
        : Math.Round(Math.Sqrt(Values.Sum(value => Math.Pow(value - Values.Average(), 2)) / (Values.Count - 1)), Digits);

    /// <summary>With one digit, as the paper has it: "31.2", or "31.2 ± 0.4".</summary>
    public override string ToString() => Deviation is double deviation
        ? string.Create(CultureInfo.InvariantCulture, $"{Mean:0.0} ± {deviation:0.0}")
        : Mean.ToString("0.0", CultureInfo.InvariantCulture);
}
