using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Streets;

/// <summary>
/// Reads "streets:night?count=200&amp;width=256&amp;height=192&amp;seed=1&amp;split=test". The style may be left out (source), and so may every key.
/// </summary>
internal static class StreetSpec
{
    private const string Scheme = "streets";

    internal static readonly string[] Keys = ["count", "width", "height", "seed", "split"];

    /// <summary>Reads the text.</summary>
    /// <exception cref="CloudsException">Usage: an unknown style or key, or a value that cannot be read.</exception>
    public static StreetDatasetConfig Parse(string spec)
    {
        string style = spec[Scheme.Length..].TrimStart(':').Split('?', 2)[0];
        StreetDatasetConfig config = new() { Style = style.Length == 0 ? StreetStyle.Source : Choice<StreetStyle>(spec, "style", style) };
        return SpecQuery.Of(spec).Aggregate(config, (present, pair) => Apply(present, spec, pair.Key, pair.Value));
    }

    private static StreetDatasetConfig Apply(StreetDatasetConfig config, string spec, string key, string value)
    {
        string pair = value.Length == 0 ? key : $"{key}={value}";
        return key switch
        {
            "count" => config with { Count = Number(spec, pair, value) },
            "width" => config with { Width = Number(spec, pair, value) },
            "height" => config with { Height = Number(spec, pair, value) },
            "seed" => config with { Seed = (ulong)Number(spec, pair, value) },
            "split" => config with { Split = Choice<StreetSplit>(spec, "split", value) },
            _ => throw Unknown(spec, "key", key, Keys),
        };
    }

    internal static int Number(string spec, string pair, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new CloudsException(Failure.Usage, "a number of the street data set cannot be read",
                spec, pair, "a whole number, 0 or more", "for instance streets:night?count=50&seed=2");

    internal static T Choice<T>(string spec, string what, string text)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        int at = Array.IndexOf(names, text.ToLowerInvariant());
        return at >= 0 ? Enum.GetValues<T>()[at] : throw Unknown(spec, what, text, names);
    }

    internal static CloudsException Unknown(string spec, string what, string text, string[] names)
    {
        string? near = NearestName.Find(text, names);
        return new CloudsException(
            Failure.Usage,
            $"the street data set has no such {what}",
            spec,
            $"'{text}'",
            string.Join(", ", names),
            near is null ? "choose one of these" : $"did you mean '{near}'?");
    }
}
