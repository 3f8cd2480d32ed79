using Clouds.Diagnostics;

namespace Clouds.Cli.Settings;

/// <summary>A configuration and where each of its values comes from.</summary>
/// <param name="Value">The record.</param>
/// <param name="Provenance">Its leaves.</param>
internal sealed record LoadedSettings<T>(T Value, Provenance Provenance);

/// <summary>
/// Reads any tree of records: defaults (or a preset), then one JSON file and those that it stands on, then overrides, each on top of the other. Keys that no
/// record has are refused, with the nearest one named.
/// </summary>
internal static class SettingsReader
{
    // Names of earlier versions.
    private static readonly Dictionary<string, string> Moved = new() { ["training.threads"] = "execution.threads" };

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">JSON file; null for none.</param>
    /// <param name="overrides">Texts such as `a.b=1`, the last one wins.</param>
    /// <param name="preset">What to start from; null for the record's own defaults.</param>
    /// <param name="presetName">Name under which `config show` credits values of the preset that differ from the defaults.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Usage"/>: an unknown key, a wrong type, a value out of range.</exception>
    public static LoadedSettings<T> Load<T>(string? path, IEnumerable<string> overrides, T? preset = null, string? presetName = null)
        where T : class, new() => Read(path is null ? ConfigurationChain.None : ConfigurationChain.Read(path), overrides, preset, presetName);

    /// <summary>Reads a configuration whose files are read already; the preset that they name is what to start from, if it is wanted.</summary>
    /// <inheritdoc cref="Load"/>
    public static LoadedSettings<T> Read<T>(ConfigurationChain files, IEnumerable<string> overrides, T? preset = null, string? presetName = null)
        where T : class, new()
    {
        Dictionary<string, string> origins = new(StringComparer.Ordinal);
        object value = preset ?? new T();
        foreach (ObjectNode node in files.Files.Concat(overrides.Select(SettingSyntax.ReadOverride)))
        {
            value = Apply(value, node, "", origins);
        }

        Provenance provenance = Provenance.Of(value, new T(), origins, presetName is null ? "preset" : $"preset {presetName}");
        return new LoadedSettings<T>((T)value, provenance);
    }

    // The record itself is never changed: records are shared, so a copy carries the new values.
    private static object Apply(object record, ObjectNode node, string path, Dictionary<string, string> origins)
    {
        object copy = SettingShape.Clone(record);
        SettingShape shape = SettingShape.Of(record.GetType());
        foreach ((string key, string origin, SettingNode value) in node.Members)
        {
            Setting setting = shape.Settings.FirstOrDefault(setting => setting.Key == key) ?? throw Unknown(shape, key, path, origin);
            string here = path.Length == 0 ? key : $"{path}.{key}";
            object? result = Convert(setting.Property.PropertyType, setting.Property.GetValue(record), value, here, origins);
            SettingConversion.CheckRange(result, setting.Attribute, here, value.Origin);
            setting.Property.SetValue(copy, result);
        }

        return copy;
    }

    private static object? Convert(Type type, object? present, SettingNode node, string path, Dictionary<string, string> origins)
    {
        if (SettingShape.IsSection(type))
        {
            return ConvertSection(type, present, node, path, origins);
        }

        // A leaf that is written again forgets what was written below it before.
        foreach (string below in origins.Keys.Where(key => key.StartsWith($"{path}.", StringComparison.Ordinal)).ToList())
        {
            origins.Remove(below);
        }

        origins[path] = node.Origin;
        if (SettingShape.ElementOf(type) is Type element)
        {
            return ConvertList(type, element, node, path);
        }

        return SettingShape.ValueOf(type) is Type valueType ? ConvertDictionary(valueType, node, path) : SettingConversion.ToScalar(node, type, path);
    }

    private static object? ConvertSection(Type type, object? present, SettingNode node, string path, Dictionary<string, string> origins)
    {
        if (node is ScalarNode { Type: ScalarType.Null })
        {
            origins[path] = node.Origin;
            return null;
        }

        ObjectNode section = node as ObjectNode ?? throw SettingConversion.Mismatch(node, path, "an object");
        (object record, ObjectNode rest) = SettingKinds.Of(type)?.Choose(present, section, path, origins)
            ?? (present ?? Activator.CreateInstance(type)!, section);
        return Apply(record, rest, path, origins);
    }

    private static object? ConvertList(Type type, Type element, SettingNode node, string path)
    {
        if (node is ScalarNode { Type: ScalarType.Null } && !type.IsValueType)
        {
            throw SettingConversion.Mismatch(node, path, "a list");
        }

        ListNode list = node as ListNode ?? throw SettingConversion.Mismatch(node, path, "a list");
        Array array = Array.CreateInstance(element, list.Items.Count);
        for (int i = 0; i < array.Length; i++)
        {
            array.SetValue(ConvertElement(element, list.Items[i], $"{path}[{i}]"), i);
        }

        return array;
    }

    private static object ConvertDictionary(Type valueType, SettingNode node, string path)
    {
        ObjectNode pairs = node as ObjectNode ?? throw SettingConversion.Mismatch(node, path, "an object");
        System.Collections.IDictionary dictionary =
            (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach ((string key, string _, SettingNode value) in pairs.Members)
        {
            dictionary[key] = ConvertElement(valueType, value, $"{path}.{key}");
        }

        return dictionary;
    }

    // Elements of lists are replaced whole, so their leaves need no origins of their own.
    private static object? ConvertElement(Type type, SettingNode node, string path) => Convert(type, null, node, path, []);

    private static CloudsException Unknown(SettingShape shape, string key, string path, string origin)
    {
        if (Moved.TryGetValue($"{path}.{key}", out string? place))
        {
            return new CloudsException(Failure.Usage, "a setting has another name now", origin, $"'{path}.{key}'", $"'{place}'", $"write {place} in its place");
        }

        string[] keys = [.. shape.Settings.Select(setting => setting.Key)];
        string? near = NearestName.Find(key, keys);
        return new CloudsException(
            Failure.Usage,
            "a setting is unknown",
            origin,
            path.Length == 0 ? $"'{key}'" : $"'{key}' in '{path}'",
            near is null ? string.Join(", ", keys) : $"'{near}'",
            near is null ? "`clouds config show` lists every setting" : $"did you mean '{near}'?");
    }
}
