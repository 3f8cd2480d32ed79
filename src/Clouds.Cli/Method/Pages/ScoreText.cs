using System.Globalization;

namespace Clouds.Cli.Method.Pages;

/// <summary>How numbers of one seed or several are printed.</summary>
internal static class ScoreText
{
    /// <summary>The mean with one decimal.</summary>
    public static string Mean(Spread number) => number.Mean.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The deviation, as "± 0.4"; empty: there is one seed only.</summary>
    public static string Around(Spread number) => number.Deviation is double deviation ? string.Create(CultureInfo.InvariantCulture, $"± {deviation:0.0}") : "";

    /// <summary>A difference, with its sign.</summary>
    public static string Signed(double points) => points.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
