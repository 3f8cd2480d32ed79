using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;

namespace Clouds.Cli.Settings;

/// <summary>The records that a section may hold one of, and the key that picks it; read from the attributes that files of models go by too.</summary>
/// <param name="Key">The key, for instance "kind".</param>
/// <param name="Types">Record of each kind.</param>
/// <param name="Named">Whole records, each of one of the kinds, that have a name of their own.</param>
internal sealed record SettingKinds(string Key, IReadOnlyDictionary<string, Type> Types, IReadOnlyDictionary<string, object> Named)
{
    /// <summary>Everything that the key takes.</summary>
    public IEnumerable<string> Choices => Types.Keys.Concat(Named.Keys);

    /// <summary>The kinds of a section; null where its type is the only one.</summary>
    public static SettingKinds? Of(Type type)
    {
        IEnumerable<JsonDerivedTypeAttribute> kinds = type.GetCustomAttributes<JsonDerivedTypeAttribute>();
        return type.GetCustomAttribute<JsonPolymorphicAttribute>() is { TypeDiscriminatorPropertyName: string key }
            ? new SettingKinds(key, kinds.ToDictionary(kind => (string)kind.TypeDiscriminator!, kind => kind.DerivedType), NamedOf(type))
            : null;
    }

    /// <summary>What a record is called.</summary>
    public string NameOf(object record) => Types.First(kind => kind.Value == record.GetType()).Key;

    /// <summary>The record to apply a section to: the present one, or the defaults of another kind where the section asks for it.</summary>
    /// <param name="present">What the section was before; null: nothing.</param>
    /// <param name="section">What is written.</param>
    /// <param name="path">The section's key.</param>
    /// <param name="origins">Takes the kind's origin, and forgets those of the settings of another kind.</param>
    /// <returns>The record, and the section without the kind.</returns>
    public (object Record, ObjectNode Others) Choose(object? present, ObjectNode section, string path, Dictionary<string, string> origins)
    {
        SettingNode? written = section.Members.FirstOrDefault(member => member.Key == Key).Value;
        if (written is null)
        {
            return (present ?? throw Unknown(section, path, "nothing"), section);
        }

        string choice = written is ScalarNode { Type: ScalarType.Text } scalar ? scalar.Text : "";
        if (Named.TryGetValue(choice, out object? named))
        {
            present = named;
            Credit(named, path, written.Origin, origins);
        }
        else if (present?.GetType() != (Types.GetValueOrDefault(choice) ?? throw Unknown(written, path, Shown(written))))
        {
            present = Activator.CreateInstance(Types[choice])!;
            Forget(path, origins);
        }

        origins[$"{path}.{Key}"] = written.Origin;
        return (present, section with { Members = [.. section.Members.Where(member => member.Key != Key)] });
    }

    private static Dictionary<string, object> NamedOf(Type type)
    {
        IDictionary records = type.GetCustomAttribute<NamedRecordsAttribute>() is NamedRecordsAttribute mark
            ? (IDictionary)type.GetProperty(mark.Member)!.GetValue(null)!
            : new Dictionary<string, object>();
        return records.Keys.Cast<string>().ToDictionary(name => name, name => records[name]!);
    }

    private static void Forget(string path, Dictionary<string, string> origins) =>
        origins.Keys.Where(key => key.StartsWith($"{path}.", StringComparison.Ordinal)).ToList().ForEach(key => origins.Remove(key));

    // What a named record has otherwise than its kind's defaults comes from where its name was written.
    private static void Credit(object named, string path, string origin, Dictionary<string, string> origins)
    {
        Forget(path, origins);
        object usual = Activator.CreateInstance(named.GetType())!;
        string Shown(Setting setting, object record) => SettingConversion.Show(setting.Property.GetValue(record));
        IEnumerable<Setting> own = SettingShape.Of(named.GetType()).Settings.Where(setting => Shown(setting, named) != Shown(setting, usual));
        own.ToList().ForEach(setting => origins[$"{path}.{setting.Key}"] = origin);
    }

    private static string Shown(SettingNode written) => written is ScalarNode wrong ? $"'{wrong.Text}'" : written.Kind;

    private CloudsException Unknown(SettingNode node, string path, string found)
    {
        string? near = NearestName.Find(found.Trim('\''), Choices);
        string next = near is null ? "choose one of these" : $"did you mean '{near}'?";
        return new CloudsException(Failure.Usage, "a setting has an unknown choice", $"{node.Origin}, key '{path}.{Key}'",
            found, string.Join(", ", Choices), next);
    }
}
