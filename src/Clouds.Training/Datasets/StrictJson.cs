using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>One value of a JSON file together with where it stands; every complaint names both.</summary>
/// <param name="File">The file.</param>
/// <param name="Key">Path of keys, for instance "subset.every"; empty at the top.</param>
/// <param name="Element">The value.</param>
internal sealed record StrictJson(string File, string Key, JsonElement Element)
{
    /// <summary>Parses a file; comments and trailing commas are allowed, a key twice is not.</summary>
    /// <exception cref="CloudsException">Usage, with line and column, where it is no JSON object.</exception>
    public static StrictJson Parse(ReadOnlyMemory<byte> text, string file)
    {
        try
        {
            JsonDocumentOptions options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
            return new StrictJson(file, "", JsonDocument.Parse(text, options).RootElement).Expect(JsonValueKind.Object, "an object");
        }
        catch (JsonException e)
        {
            throw new CloudsException(Failure.Usage, "the file is not valid JSON", file, e.Message,
                next: $"correct line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", inner: e);
        }
    }

    /// <summary>Refuses keys of an object that are not known, with the nearest known name.</summary>
    public StrictJson WithKeys(params string[] known)
    {
        Expect(JsonValueKind.Object, "an object");
        string? unknown = Element.EnumerateObject().Select(property => property.Name).FirstOrDefault(name => !known.Contains(name));
        if (unknown is null)
        {
            return this;
        }

        string? nearest = NearestName.Find(unknown, known);
        throw new CloudsException(Failure.Usage, "unknown key", $"{File}, {Path(unknown)}", $"\"{unknown}\"",
            string.Join(", ", known), nearest is null ? "remove it" : $"did you mean \"{nearest}\"?");
    }

    /// <summary>The value of a key, or null.</summary>
    public StrictJson? Find(string key) => Element.TryGetProperty(key, out JsonElement value) ? new StrictJson(File, Path(key), value) : null;

    /// <summary>The value of a key that must be there.</summary>
    public StrictJson Get(string key) =>
        Find(key) ?? throw new CloudsException(Failure.Usage, "a key is missing", File, expected: $"\"{Path(key)}\"", next: "add it");

    /// <summary>A string that is not empty.</summary>
    public string Text()
    {
        string? text = Element.ValueKind == JsonValueKind.String ? Element.GetString() : null;
        return string.IsNullOrEmpty(text) ? throw Wrong("a string that is not empty") : text;
    }

    /// <summary>One of a few words.</summary>
    public string OneOf(params string[] words)
    {
        string word = Text();
        return words.Contains(word) ? word : throw Wrong($"one of {string.Join(", ", words)}");
    }

    /// <summary>A whole number in a range, both ends included.</summary>
    public int Number(int low, int high) =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value) && value >= low && value <= high
            ? value
            : throw Wrong($"a whole number from {low} to {high}");

    /// <summary>The elements of a list.</summary>
    public IReadOnlyList<StrictJson> Items()
    {
        Expect(JsonValueKind.Array, "a list");
        return [.. Element.EnumerateArray().Select((item, i) => new StrictJson(File, $"{Key}[{i}]", item))];
    }

    /// <summary>The members of an object.</summary>
    public IReadOnlyList<(string Name, StrictJson Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        return [.. Element.EnumerateObject().Select(property => (property.Name, new StrictJson(File, Path(property.Name), property.Value)))];
    }

    /// <summary>The complaint that the value is not what it should be.</summary>
    public CloudsException Wrong(string expected)
    {
        string raw = Element.GetRawText();
        return new CloudsException(Failure.Usage, "a value is not what it should be",
            $"{File}, {Key}", raw.Length > 60 ? raw[..60] + " .." : raw, expected, "correct it");
    }

    private StrictJson Expect(JsonValueKind kind, string expected) => Element.ValueKind == kind ? this : throw Wrong(expected);

    private string Path(string key) => Key.Length == 0 ? key : $"{Key}.{key}";
}
