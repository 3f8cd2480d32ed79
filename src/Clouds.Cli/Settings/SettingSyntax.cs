using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Cli.Settings;

/// <summary>Turns a configuration file, or one `--set key=value`, into nodes that know where they stand.</summary>
internal static class SettingSyntax
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 };

    /// <summary>Reads a file; comments and trailing commas are allowed.</summary>
    public static ObjectNode ReadFile(string path)
    {
        byte[] bytes = ReadBytes(path);
        try
        {
            Utf8JsonReader reader = new(bytes, Lenient);
            reader.Read();
            SettingNode root = ReadNode(ref reader, new Place(path, bytes));
            reader.Read();
            return root as ObjectNode ?? throw Wrong(path, root.Origin, root.Kind);
        }
        catch (JsonException e)
        {
            string line = e.LineNumber is long number ? $"{path}:{number + 1}" : path;
            throw new CloudsException(Failure.Usage, "the configuration file is not valid JSON", line,
                e.Message, "one JSON object", "correct the line; comments and trailing commas are allowed", e);
        }
    }

    /// <summary>Reads `a.b=value`; the value is JSON where it can be read as JSON, otherwise a string.</summary>
    public static ObjectNode ReadOverride(string text)
    {
        string origin = $"--set {text}";
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign < 1 || text[..sign].Split('.').Any(string.IsNullOrWhiteSpace))
        {
            throw new CloudsException(Failure.Usage, "an override cannot be read", origin, text,
                "key=value, for instance execution.threads=2", "write keys as `clouds config show` prints them");
        }

        SettingNode node = ReadValue(text[(sign + 1)..], origin);
        foreach (string key in text[..sign].Split('.').Reverse())
        {
            node = new ObjectNode("--set", [(key.Trim(), "--set", node)]);
        }

        return (ObjectNode)node;
    }

    private static SettingNode ReadValue(string text, string origin)
    {
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Utf8JsonReader reader = new(bytes, Lenient);
            if (!reader.Read())
            {
                return new ScalarNode("--set", text, ScalarType.Text, true);
            }

            SettingNode node = ReadNode(ref reader, null);
            reader.Read();
            return node;
        }
        catch (JsonException) when (text.TrimStart() is not ['[' or '{', ..])
        {
            return new ScalarNode("--set", text, ScalarType.Text, true);
        }
        catch (JsonException e)
        {
            throw new CloudsException(Failure.Usage, "an override's list or object is not valid JSON", origin,
                e.Message, "for instance --set 'a.b=[1, 2]'", "quote the whole argument for the shell", e);
        }
    }

    private static SettingNode ReadNode(ref Utf8JsonReader reader, Place? place)
    {
        string origin = Origin(ref reader, place);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, place, origin);
            case JsonTokenType.StartArray:
                List<SettingNode> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadNode(ref reader, place));
                }

                return new ListNode(origin, items);
            case JsonTokenType.String:
                return new ScalarNode(origin, reader.GetString()!, ScalarType.Text, place is null);
            default:
                ScalarType type =
                    reader.TokenType switch { JsonTokenType.Number => ScalarType.Number, JsonTokenType.Null => ScalarType.Null, _ => ScalarType.Truth };
                return new ScalarNode(origin, Encoding.UTF8.GetString(reader.ValueSpan), type, place is null);
        }
    }

    private static ObjectNode ReadObject(ref Utf8JsonReader reader, Place? place, string origin)
    {
        List<(string Key, string Origin, SettingNode Value)> members = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            string at = Origin(ref reader, place);
            if (!keys.Add(key))
            {
                throw new CloudsException(Failure.Usage, "a setting stands twice", at, $"'{key}'", "each key once", "remove one of them");
            }

            reader.Read();
            members.Add((key, at, ReadNode(ref reader, place)));
        }

        return new ObjectNode(origin, members);
    }

    private static string Origin(ref Utf8JsonReader reader, Place? place) => place is null ? "--set" : place.At(reader.TokenStartIndex);

    private static byte[] ReadBytes(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            // Some editors put a byte-order mark in front, which JSON does not allow.
            return bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Usage, "the configuration file cannot be read", path, e.Message, "a readable JSON file", "check --config", e);
        }
    }

    private static CloudsException Wrong(string path, string origin, string found) =>
        new(Failure.Usage, "the configuration file holds no object", origin, found, "one JSON object", $"start {path} with a brace");

    private sealed record Place(string File, byte[] Bytes)
    {
        public string At(long index) => $"{File}:{1 + Bytes.AsSpan(0, (int)index).Count((byte)'\n')}";
    }
}
