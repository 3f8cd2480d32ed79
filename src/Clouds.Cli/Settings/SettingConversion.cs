using System.Collections;
using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Settings;

/// <summary>Turns nodes into the values of settings and values back into text.</summary>
internal static class SettingConversion
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Converts a scalar to a string, number, truth value or choice.</summary>
    public static object? ToScalar(SettingNode node, Type type, string path)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (node is ScalarNode { Type: ScalarType.Null } && (plain != type || !type.IsValueType))
        {
            return null;
        }

        return node is ScalarNode scalar && Parse(scalar, plain, path) is object value ? value : throw Mismatch(node, path, Expectation(plain));
    }

    /// <summary>Refuses a number outside the setting's range; lists are checked element by element.</summary>
    public static void CheckRange(object? value, SettingAttribute? attribute, string path, string origin)
    {
        if (attribute is null || value is null or string)
        {
            return;
        }

        if (value is IEnumerable items)
        {
            foreach (object? item in value is IDictionary pairs ? pairs.Values : items)
            {
                CheckRange(item, attribute, path, origin);
            }
        }
        else if (value is int or long or ulong or uint or float or double)
        {
            double number = Convert.ToDouble(value, Invariant);
            if (number < attribute.Min || number > attribute.Max || double.IsNaN(number))
            {
                throw new CloudsException(
                    Failure.Usage, "a setting is out of range", $"{origin}, key '{path}'", Show(value), Range(attribute), "choose a value in the range");
            }
        }
    }

    /// <summary>A value as it would stand in a file, on one line.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        string text => text,
        Enum choice => SettingShape.CamelCase(choice.ToString()),
        DeviceName device => device.ToString(),
        IFormattable number => number.ToString(null, Invariant),
        IDictionary pairs => $"{{{string.Join(", ", pairs.Keys.Cast<object>().Select(key => $"{key}: {Show(pairs[key])}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Show))}]",
        _ => ShowSection(value),
    };

    public static CloudsException Mismatch(SettingNode node, string path, string expected) =>
        new(Failure.Usage, "a setting has the wrong type", $"{node.Origin}, key '{path}'",
            node.Kind, expected, "`clouds config show` lists every setting with its present value");

    private static string ShowSection(object section) =>
        $"{{{string.Join(", ", SettingShape.Of(section.GetType()).Settings.Select(setting => $"{setting.Key}: {Show(setting.Property.GetValue(section))}"))}}}";

    private static object? Parse(ScalarNode scalar, Type type, string path)
    {
        if (type == typeof(string))
        {
            return scalar.Type == ScalarType.Text || scalar.FromOverride ? scalar.Text : null;
        }

        if (type == typeof(DeviceName))
        {
            return scalar.Type == ScalarType.Text ? DeviceName.Parse(scalar.Text, $"{scalar.Origin}, key '{path}'") : null;
        }

        if (type.IsEnum)
        {
            return scalar.Type == ScalarType.Text ? ParseChoice(scalar, type, path) : null;
        }

        if (type == typeof(bool))
        {
            return scalar.Type == ScalarType.Truth ? scalar.Text == "true" : null;
        }

        return scalar.Type == ScalarType.Number ? ParseNumber(scalar.Text, type) : null;
    }

    private static object? ParseNumber(string text, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out int number) ? number : null,
        TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out long number) ? number : null,
        TypeCode.UInt32 => uint.TryParse(text, NumberStyles.None, Invariant, out uint number) ? number : null,
        TypeCode.UInt64 => ulong.TryParse(text, NumberStyles.None, Invariant, out ulong number) ? number : null,
        TypeCode.Single => float.TryParse(text, NumberStyles.Float, Invariant, out float number) && float.IsFinite(number) ? number : null,
        TypeCode.Double => double.TryParse(text, NumberStyles.Float, Invariant, out double number) && double.IsFinite(number) ? number : null,
        _ => throw new NotSupportedException($"Settings of type {type} are not readable; use a record, a list, a number, a string, bool or an enum."),
    };

    private static object ParseChoice(ScalarNode scalar, Type type, string path)
    {
        string[] choices = [.. Enum.GetNames(type).Select(SettingShape.CamelCase)];
        int at = Array.IndexOf(choices, scalar.Text);
        if (at >= 0)
        {
            return Enum.Parse(type, Enum.GetNames(type)[at]);
        }

        string? near = NearestName.Find(scalar.Text, choices);
        throw new CloudsException(
            Failure.Usage,
            "a setting has an unknown choice",
            $"{scalar.Origin}, key '{path}'",
            $"'{scalar.Text}'",
            string.Join(", ", choices),
            near is null ? "choose one of these" : $"did you mean '{near}'?");
    }

    private static string Expectation(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(SettingShape.CamelCase))}",
        _ when type == typeof(DeviceName) => DeviceName.Choices,
        TypeCode.String => "a string",
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.UInt32 or TypeCode.UInt64 => "a whole number, 0 or more",
        _ => "a finite number",
    };

    private static string Range(SettingAttribute attribute) => (double.IsNaN(attribute.Min), double.IsNaN(attribute.Max)) switch
    {
        (false, false) => $"{Show(attribute.Min)} to {Show(attribute.Max)}{Unit(attribute)}",
        (false, true) => $"{Show(attribute.Min)} or more{Unit(attribute)}",
        (true, false) => $"{Show(attribute.Max)} or less{Unit(attribute)}",
        _ => $"a number{Unit(attribute)}",
    };

    private static string Unit(SettingAttribute attribute) => attribute.Unit is null ? "" : $" {attribute.Unit}";
}
