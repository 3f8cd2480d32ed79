namespace Clouds.Training.Streets.World;

/// <summary>
/// Reads "world:wide?count=200&amp;width=192&amp;height=128&amp;seed=1&amp;split=test". The style may be left out (narrow), and so may every key.
/// </summary>
internal static class WorldSpec
{
    private const string Scheme = "world";

    /// <summary>Reads the text.</summary>
    /// <exception cref="Diagnostics.CloudsException">Usage: an unknown style or key, or a value that cannot be read.</exception>
    public static WorldDatasetConfig Parse(string spec)
    {
        string[] halves = spec[Scheme.Length..].TrimStart(':').Split('?', 2);
        WorldDatasetConfig config = new();
        config = halves[0].Length == 0 ? config : config with { Style = Style(spec, halves[0]) };
        string[] pairs = halves.Length == 2 ? halves[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [];
        return pairs.Aggregate(config, (present, pair) => Apply(present, spec, pair));
    }

    private static WorldDatasetConfig Apply(WorldDatasetConfig config, string spec, string pair)
    {
        string[] parts = pair.Split('=', 2);
        string value = parts.Length == 2 ? parts[1] : "";
        return parts[0] switch
        {
            "count" => config with { Count = StreetSpec.Number(spec, pair, value) },
            "width" => config with { Width = StreetSpec.Number(spec, pair, value) },
            "height" => config with { Height = StreetSpec.Number(spec, pair, value) },
            "seed" => config with { Seed = (ulong)StreetSpec.Number(spec, pair, value) },
            "split" => config with { Split = StreetSpec.Choice<StreetSplit>(spec, "split", value) },
            _ => throw StreetSpec.Unknown(spec, "key", parts[0], StreetSpec.Keys),
        };
    }

    private static WorldStyle Style(string spec, string name) =>
        WorldStyle.All.FirstOrDefault(style => style.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw StreetSpec.Unknown(spec, "style", name, [.. WorldStyle.All.Select(style => style.Name)]);
}
