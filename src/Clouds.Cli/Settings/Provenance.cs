namespace Clouds.Cli.Settings;

/// <summary>One value of a configuration.</summary>
/// <param name="Key">Path in camelCase, for instance execution.threads.</param>
/// <param name="Value">The value itself.</param>
/// <param name="Origin">default, preset NAME, FILE:LINE or --set.</param>
/// <param name="Unit">Unit in words; null where there is none.</param>
/// <param name="Source">Source of the default; null where there is none.</param>
internal sealed record SettingLeaf(string Key, object? Value, string Origin, string? Unit, string? Source);

/// <summary>Every value of a configuration and where it comes from.</summary>
internal sealed class Provenance
{
    private Provenance(IReadOnlyList<SettingLeaf> leaves) => Leaves = leaves;

    /// <summary>In the order in which the records declare them.</summary>
    public IReadOnlyList<SettingLeaf> Leaves { get; }

    /// <summary>Walks a record tree.</summary>
    /// <param name="value">The configuration.</param>
    /// <param name="defaults">What it would be if nobody had set anything.</param>
    /// <param name="origins">Origins of the leaves that a file or an override set.</param>
    /// <param name="preset">Origin of leaves that nobody set and that differ from the defaults.</param>
    public static Provenance Of(object value, object defaults, IReadOnlyDictionary<string, string> origins, string preset)
    {
        List<SettingLeaf> leaves = [];
        Walk(value, defaults, "", origins, preset, leaves);
        return new Provenance(leaves);
    }

    private static void Walk(object value, object? defaults, string path, IReadOnlyDictionary<string, string> origins, string preset, List<SettingLeaf> leaves)
    {
        foreach (Setting setting in SettingShape.Of(value.GetType()).Settings)
        {
            string key = path.Length == 0 ? setting.Key : $"{path}.{setting.Key}";
            object? here = setting.Property.GetValue(value);
            object? usual = defaults is null ? null : setting.Property.GetValue(defaults);
            if (here is not null && SettingShape.IsSection(here.GetType()))
            {
                AddKind(setting.Property.PropertyType, here, usual, key, origins, preset, leaves);
                Walk(here, usual?.GetType() == here.GetType() ? usual : Activator.CreateInstance(here.GetType()), key, origins, preset, leaves);
                continue;
            }

            bool changed = SettingConversion.Show(here) != SettingConversion.Show(usual);
            string origin = origins.GetValueOrDefault(key) ?? (changed ? preset : "default");
            leaves.Add(new SettingLeaf(key, here, origin, setting.Attribute?.Unit, setting.Attribute?.Source));
        }
    }

    private static void AddKind(
        Type declared, object section, object? usual, string path, IReadOnlyDictionary<string, string> origins, string preset, List<SettingLeaf> leaves)
    {
        if (SettingKinds.Of(declared) is SettingKinds kinds)
        {
            string key = $"{path}.{kinds.Key}";
            string origin = origins.GetValueOrDefault(key) ?? (usual?.GetType() == section.GetType() ? "default" : preset);
            leaves.Add(new SettingLeaf(key, kinds.NameOf(section), origin, null, $"one of {string.Join(", ", kinds.Choices)}"));
        }
    }
}
