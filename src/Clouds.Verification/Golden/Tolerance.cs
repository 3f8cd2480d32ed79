using System.Text.Json;

namespace Clouds.Verification.Golden;

/// <summary>How far a value may lie from the expected one: Absolute + Relative · |expected|.</summary>
/// <param name="Absolute">In the tensor's own unit.</param>
/// <param name="Relative">As a fraction of the expected value.</param>
public sealed record Tolerance(double Absolute, double Relative)
{
    internal static readonly Tolerance Exact = new(0, 0);

    // Besides atol and rtol, two cases write {"max_abs": 1} for 8-bit images.
    internal static Tolerance? Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        double? absolute = Field(entry, "atol") ?? Field(entry, "max_abs") ?? Field(entry, "value");
        return absolute is null ? null : new Tolerance(absolute.Value, Field(entry, "rtol") ?? 0);
    }

    /// <summary>Error over what is allowed: at most 1 passes. Equal values give 0, also infinities; anything else with NaN gives infinity.</summary>
    internal double Ratio(double got, double want)
    {
        if (got == want)
        {
            return 0;
        }

        double error = Math.Abs(got - want);
        double ratio = error / (Absolute + (Relative * Math.Abs(want)));
        return double.IsNaN(ratio) || double.IsInfinity(error) ? double.PositiveInfinity : ratio;
    }

    private static double? Field(JsonElement entry, string name) => entry.TryGetProperty(name, out JsonElement value) ? CaseConfig.Number(value) : null;
}
