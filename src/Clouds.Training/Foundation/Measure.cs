using System.Globalization;

namespace Clouds.Training.Foundation;

/// <summary>What a measure's number is.</summary>
public enum MeasureKind
{
    /// <summary>A share, 0..1, printed in percent.</summary>
    Share,

    /// <summary>A number of its own, printed with three decimals.</summary>
    Number,

    /// <summary>Decibels.</summary>
    Decibels,

    /// <summary>How many.</summary>
    Count,
}

/// <summary>One number that says how well a foundation model does its work.</summary>
/// <param name="Name">Its key, in camelCase, unique in an evaluation.</param>
/// <param name="Text">What it says, in half a line.</param>
/// <param name="Value">The number; null: there was nothing to be measured.</param>
/// <param name="Kind">What the number is.</param>
public sealed record Measure(string Name, string Text, double? Value, MeasureKind Kind = MeasureKind.Share)
{
    /// <summary>The number as people read it; a dash where there is none.</summary>
    public string Shown => Value is not double value ? "-" : Kind switch
    {
        MeasureKind.Share => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %"),
        MeasureKind.Number => value.ToString("0.000", CultureInfo.InvariantCulture),
        MeasureKind.Decibels => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} dB"),
        MeasureKind.Count => value.ToString("0", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "not a kind"),
    };
}
