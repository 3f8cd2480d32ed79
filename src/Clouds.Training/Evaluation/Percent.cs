using System.Globalization;

namespace Clouds.Training.Evaluation;

/// <summary>How measures are printed: percent with one decimal, as the paper does.</summary>
public static class Percent
{
    /// <summary>"58.2" for 0.582; a dash where there is nothing.</summary>
    public static string Text(double? share) => share is double value ? (100 * value).ToString("F1", CultureInfo.InvariantCulture) : "-";
}
