using System.Reflection;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;

namespace Clouds.Cli.Settings;

/// <summary>The records that a section may hold one of, and the key that picks it; read from the attributes that files of models go by too.</summary>
/// <param name="Key">The key, for instance "kind".</param>
/// <param name="Types">Record of each kind.</param>
internal sealed record SettingKinds(string Key, IReadOnlyDictionary<string, Type> Types)
{
    /// <summary>The kinds of a section; null where its type is the only one.</summary>
    public static SettingKinds? Of(Type type)
    {
        IEnumerable<JsonDerivedTypeAttribute> kinds = type.GetCustomAttributes<JsonDerivedTypeAttribute>();
        return type.GetCustomAttribute<JsonPolymorphicAttribute>() is { TypeDiscriminatorPropertyName: string key }
            ? new SettingKinds(key, kinds.ToDictionary(kind => (string)kind.TypeDiscriminator!, kind => kind.DerivedType))
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

        Type type = written is ScalarNode { Type: ScalarType.Text } scalar && Types.TryGetValue(scalar.Text, out Type? known)
            ? known
            : throw Unknown(written, path, written is ScalarNode wrong ? $"'{wrong.Text}'" : written.Kind);
        if (present?.GetType() != type)
        {
            present = Activator.CreateInstance(type)!;
            origins.Keys.Where(key => key.StartsWith($"{path}.", StringComparison.Ordinal)).ToList().ForEach(key => origins.Remove(key));
        }

        origins[$"{path}.{Key}"] = written.Origin;
        return (present, section with { Members = [.. section.Members.Where(member => member.Key != Key)] });
    }

    private CloudsException Unknown(SettingNode node, string path, string found)
    {
        string? near = NearestName.Find(found.Trim('\''), Types.Keys);
        string next = near is null ? "choose one of these" : $"did you mean '{near}'?";
        return new CloudsException(Failure.Usage, "a setting has an unknown choice", $"{node.Origin}, key '{path}.{Key}'",
            found, string.Join(", ", Types.Keys), next);
    }
}
