using System.Globalization;
using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Verification.Golden;

/// <summary>The `config` of a case.json, or an object within it: the sizes and choices a module has to build itself with.</summary>
public sealed class CaseConfig
{
    private readonly JsonElement _object;
    private readonly string _where;

    internal CaseConfig(JsonElement @object, string where)
    {
        _object = @object;
        _where = where;
    }

    /// <summary>The keys, in the file's order.</summary>
    public IEnumerable<string> Keys => _object.EnumerateObject().Select(property => property.Name);

    /// <summary>The element behind a key, for forms that the other members do not read.</summary>
    public JsonElement this[string key] => _object.TryGetProperty(key, out JsonElement value) ? value : throw Wrong(key, "nothing", "a value");

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string key) => _object.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number, also where it is written as 4.0.</summary>
    public int Int(string key) => Whole(this[key]) ?? throw Wrong(key, this[key].GetRawText(), "a whole number");

    /// <summary>A whole number, or a default where the key is absent.</summary>
    public int Int(string key, int absent) => Has(key) ? Int(key) : absent;

    /// <summary>A number; infinities and NaN included.</summary>
    public double Double(string key) => Number(this[key]) ?? throw Wrong(key, this[key].GetRawText(), "a number");

    /// <summary>A number, or a default where the key is absent.</summary>
    public double Double(string key, double absent) => Has(key) ? Double(key) : absent;

    /// <summary>true or false.</summary>
    public bool Bool(string key) => this[key].ValueKind is JsonValueKind.True or JsonValueKind.False
        ? this[key].GetBoolean()
        : throw Wrong(key, this[key].GetRawText(), "true or false");

    /// <summary>true or false, or a default where the key is absent.</summary>
    public bool Bool(string key, bool absent) => Has(key) ? Bool(key) : absent;

    /// <summary>A string.</summary>
    public string Text(string key) =>
        this[key].ValueKind == JsonValueKind.String ? this[key].GetString()! : throw Wrong(key, this[key].GetRawText(), "a string");

    /// <summary>A string, or a default where the key is absent.</summary>
    public string Text(string key, string absent) => Has(key) ? Text(key) : absent;

    /// <summary>A list of whole numbers.</summary>
    public int[] Ints(string key) => [.. Items(key).Select(item => Whole(item) ?? throw Wrong(key, item.GetRawText(), "whole numbers"))];

    /// <summary>A list of numbers.</summary>
    public double[] Doubles(string key) => [.. Items(key).Select(item => Number(item) ?? throw Wrong(key, item.GetRawText(), "numbers"))];

    /// <summary>A list of lists of whole numbers, for instance sizes of levels.</summary>
    public int[][] IntRows(string key) => [.. Items(key).Select(row => row.ValueKind == JsonValueKind.Array
        ? row.EnumerateArray().Select(item => Whole(item) ?? throw Wrong(key, item.GetRawText(), "whole numbers")).ToArray()
        : throw Wrong(key, row.GetRawText(), "lists of whole numbers"))];

    /// <summary>An object within.</summary>
    public CaseConfig Section(string key) =>
        this[key].ValueKind == JsonValueKind.Object ? new CaseConfig(this[key], $"{_where}.{key}") : throw Wrong(key, this[key].GetRawText(), "an object");

    internal static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };

    private static int? Whole(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : null;

    private JsonElement.ArrayEnumerator Items(string key) =>
        this[key].ValueKind == JsonValueKind.Array ? this[key].EnumerateArray() : throw Wrong(key, this[key].GetRawText(), "a list");

    private CloudsException Wrong(string key, string found, string expected) =>
        new(Failure.BadInput, "a golden case lacks something or has it in another form",
            $"{_where}.{key}", found, expected, "check case.json against the README of the golden data");
}
