using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Clouds.Graph.Settings;

namespace Clouds.Cli.Settings;

/// <summary>The settable properties of a configuration record.</summary>
internal sealed class SettingShape
{
    private static readonly ConcurrentDictionary<Type, SettingShape> Shapes = new();

    private SettingShape(Type type)
    {
        Settings = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property is { CanRead: true, CanWrite: true } && property.GetIndexParameters().Length == 0)
            .Select(property => new Setting(CamelCase(property.Name), property, property.GetCustomAttribute<SettingAttribute>()))];
    }

    public IReadOnlyList<Setting> Settings { get; }

    public static SettingShape Of(Type type) => Shapes.GetOrAdd(type, key => new SettingShape(key));

    /// <summary>Whether a type is a section with settings of its own, not a value.</summary>
    public static bool IsSection(Type type) => type.IsClass && type.GetMethod("<Clone>$") is not null;

    public static string CamelCase(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>The element type of a list setting: an array or a read-only list; null for anything else.</summary>
    public static Type? ElementOf(Type type) => type.IsArray ? type.GetElementType()
        : type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            || type.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>)
            || type.GetGenericTypeDefinition() == typeof(IEnumerable<>)) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>The value type of a setting whose keys are free; null for anything else.</summary>
    public static Type? ValueOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && type.GetGenericArguments()[0] == typeof(string)
            ? type.GetGenericArguments()[1]
            : null;

    /// <summary>A copy of a record, to be changed through its init setters before anybody else sees it.</summary>
    public static object Clone(object record) => record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
}

/// <summary>One property of a configuration record.</summary>
/// <param name="Key">Its camelCase name.</param>
/// <param name="Property">The property.</param>
/// <param name="Attribute">Unit, range and source, where given.</param>
internal sealed record Setting(string Key, PropertyInfo Property, SettingAttribute? Attribute);
