namespace Clouds.Graph.Settings;

/// <summary>What a setting is measured in, what values it can take, and where its default comes from.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute : Attribute
{
    /// <summary>Unit in words: pixels, steps, seconds, classes; null for pure numbers and choices.</summary>
    public string? Unit { get; init; }

    /// <summary>Smallest allowed value, for each element where the setting is a list; not a number means no limit.</summary>
    public double Min { get; init; } = double.NaN;

    /// <summary>Largest allowed value, likewise.</summary>
    public double Max { get; init; } = double.NaN;

    /// <summary>Source of the default, for instance "paper section 4.1".</summary>
    public string? Source { get; init; }
}
