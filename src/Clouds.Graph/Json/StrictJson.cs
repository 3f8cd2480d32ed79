using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Graph.Json;

/// <summary>
/// One value of a JSON text. The text was checked whole before the first value is handed out, so a reader just asks for what it expects; whatever
/// is not there or not so ends in a complaint that names file, line and key. Values stay valid as long as the text.
/// </summary>
public sealed class StrictJson
{
    private const int Shown = 60;

    private readonly JsonText _text;
    private readonly StrictJson? _parent;
    private readonly int _index;

    private StrictJson(JsonText text, JsonElement element, StrictJson? parent = null, string? name = null, int index = 0) =>
        (_text, Element, _parent, Name, _index) = (text, element, parent, name, index);

    /// <summary>The value, for readers of the framework.</summary>
    public JsonElement Element { get; }

    /// <summary>Kind of the value.</summary>
    public JsonValueKind Kind => Element.ValueKind;

    /// <summary>Its key in the object around it; null for elements of lists, and at the top.</summary>
    public string? Name { get; }

    /// <summary>Path of keys, for instance "subset.every" or "classes[0].name"; empty at the top.</summary>
    public string Key => _parent is null ? "" : Name is null ? $"{_parent.Key}[{_index}]" : _parent.Key.Length == 0 ? Name : $"{_parent.Key}.{Name}";

    /// <summary>Line, from 1, where the value starts.</summary>
    public int Line => Place.Line;

    /// <summary>Line, from 1, where its key stands; that of the value where it has none.</summary>
    public int KeyLine => KeyPlace.Line;

    private JsonPlace Place => _text.PlaceOf(JsonMarshal.GetRawUtf8Value(Element));

    private JsonPlace KeyPlace => Name is string name
        ? _text.PlaceOf(JsonMarshal.GetRawUtf8PropertyName(_parent!.Element.EnumerateObject().Last(member => member.NameEquals(name))), before: 1)
        : Place;

    /// <summary>Parses a text.</summary>
    /// <param name="text">UTF-8; it must not change while values are in use.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <returns>The value at the top, of any kind.</returns>
    /// <exception cref="CloudsException">Of the origin's kind: no JSON, two values, no UTF-8, half a surrogate pair, a key twice, over 32 levels.</exception>
    public static StrictJson Parse(ReadOnlyMemory<byte> text, JsonOrigin origin)
    {
        JsonText source = new(text, origin);
        (JsonElement element, bool suspect) = source.Parse();
        StrictJson top = new(source, element);
        return suspect ? top.Checked() : top;
    }

    /// <summary>An object with no other keys than these; an unknown one is refused with the nearest known name.</summary>
    public StrictJson WithKeys(params ReadOnlySpan<string> known)
    {
        foreach (StrictJson member in Members())
        {
            if (!known.Contains(member.Name!))
            {
                throw member.Unknown(known.ToArray());
            }
        }

        return this;
    }

    /// <summary>The values of an object that has these keys and no other.</summary>
    /// <returns>In the order of the keys asked for.</returns>
    public IReadOnlyList<StrictJson> Exactly(params ReadOnlySpan<string> keys)
    {
        StrictJson[] values = new StrictJson[keys.Length];
        foreach (StrictJson member in Members())
        {
            int place = keys.IndexOf(member.Name!);
            values[place >= 0 ? place : throw member.Unknown(keys.ToArray())] = member;
        }

        int missing = Array.IndexOf(values, null);
        return missing < 0 ? values : throw Missing(keys[missing]);
    }

    /// <summary>The value of a key of this object, or null.</summary>
    public StrictJson? Find(string key) =>
        Expect(JsonValueKind.Object, "an object").Element.TryGetProperty(key, out JsonElement value) ? new StrictJson(_text, value, this, key) : null;

    /// <summary>The value of a key of this object that must be there.</summary>
    public StrictJson Get(string key) => Find(key) ?? throw Missing(key);

    /// <summary>A string.</summary>
    public string TextOrEmpty() => Expect(JsonValueKind.String, "a string").Element.GetString()!;

    /// <summary>A string that is not empty.</summary>
    public string Text() => Kind == JsonValueKind.String && Element.GetString() is { Length: > 0 } text ? text : throw Wrong("a string that is not empty");

    /// <summary>One of a few words.</summary>
    public string OneOf(params string[] words) =>
        Kind == JsonValueKind.String && Element.GetString() is string word && words.Contains(word) ? word : throw Wrong($"one of {string.Join(", ", words)}");

    /// <summary>A finite number.</summary>
    public double Real() => Kind == JsonValueKind.Number && Element.TryGetDouble(out double value) && double.IsFinite(value) ? value : throw Wrong("a number");

    /// <summary>A whole number in a range, both ends included.</summary>
    public int Number(int low, int high) => (int)Whole(low, high);

    /// <summary>A whole number in a range, both ends included.</summary>
    public long Whole(long low, long high = long.MaxValue) =>
        Kind == JsonValueKind.Number && Element.TryGetInt64(out long value) && value >= low && value <= high
            ? value
            : throw Wrong(high == long.MaxValue ? $"a whole number of at least {low}, in 63 bits" : $"a whole number from {low} to {high}");

    /// <summary>The elements of a list.</summary>
    public IReadOnlyList<StrictJson> Items() => Expect(JsonValueKind.Array, "a list").Children().ToArray();

    /// <summary>A list of whole numbers, 0 or more.</summary>
    /// <param name="most">Longer lists are refused before any element is looked at.</param>
    public long[] Counts(int most)
    {
        // Straight from the text: the header of a large model has tens of thousands.
        int length = Expect(JsonValueKind.Array, "a list").Element.GetArrayLength();
        long[] counts = new long[length <= most ? length : throw Wrong($"a list of at most {most}")];
        int i = 0;
        foreach (JsonElement item in Element.EnumerateArray())
        {
            counts[i] = item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long count) && count >= 0 ? count : Items()[i].Whole(0);
            i++;
        }

        return counts;
    }

    /// <summary>The members of an object, in the text's order; each has a name.</summary>
    public IEnumerable<StrictJson> Members() => Expect(JsonValueKind.Object, "an object").Children();

    /// <summary>The complaint that the value is not what it should be.</summary>
    public CloudsException Wrong(string expected)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(Element);
        string found = Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, Shown)]).TrimEnd('\uFFFD').ReplaceLineEndings(" ");
        return Complaint("a value is not what it should be", Place, raw.Length > Shown ? found + " .." : found, expected, "correct it");
    }

    /// <summary>The complaint that its key is not what it should be: another spelling of it, or no such key at all.</summary>
    public CloudsException WrongKey(string expected)
    {
        bool there = _parent!.Element.TryGetProperty(expected, out _);
        string wanted = there ? $"\"{expected}\", which stands there too" : expected;
        string what = there ? "a key stands twice" : "a key is not what it should be";
        return Complaint(what, KeyPlace, $"\"{Name}\"", wanted, there ? "remove one of them" : "correct it");
    }

    // Half of a surrogate pair is no character; the framework says so when it is asked for the text, and not before.
    private StrictJson Checked()
    {
        try
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (StrictJson child in Children())
            {
                if (child.Name is string name && !names.Add(name))
                {
                    throw child.Complaint("a key stands twice", child.KeyPlace, $"\"{name}\"", "each key once", "remove one of them");
                }

                child.Checked();
            }

            _ = Kind == JsonValueKind.String ? Element.GetString() : null;
            return this;
        }
        catch (InvalidOperationException e)
        {
            throw _text.Damaged(Place, Key, "half of a surrogate pair", e);
        }
    }

    private IEnumerable<StrictJson> Children()
    {
        if (Kind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in Element.EnumerateObject())
            {
                yield return new StrictJson(_text, member.Value, this, member.Name);
            }
        }
        else if (Kind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in Element.EnumerateArray())
            {
                yield return new StrictJson(_text, item, this, index: index++);
            }
        }
    }

    private StrictJson Expect(JsonValueKind kind, string expected) => Kind == kind ? this : throw Wrong(expected);

    private CloudsException Missing(string key) =>
        Complaint("a key is missing", Place, null, $"\"{(Key.Length == 0 ? key : $"{Key}.{key}")}\"", "add it");

    private CloudsException Unknown(string[] known)
    {
        string next = NearestName.Find(Name!, known) is string nearest ? $"did you mean \"{nearest}\"?" : "remove it";
        return Complaint("unknown key", KeyPlace, $"\"{Name}\"", string.Join(", ", known), next);
    }

    private CloudsException Complaint(string what, JsonPlace at, string? found, string expected, string correction) =>
        _text.Origin.Complaint(what, at, Key, found, expected, correction);
}
