using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Cli.Settings;

/// <summary>Turns a configuration file, or one `--set key=value`, into nodes that know where they stand.</summary>
internal static class SettingSyntax
{
    private const string Override = "--set";

    /// <summary>Reads a file; comments and trailing commas are allowed.</summary>
    /// <param name="path">Its name, for origins.</param>
    /// <param name="bytes">What it holds.</param>
    public static ObjectNode ReadFile(string path, byte[] bytes)
    {
        StrictJson json = StrictJson.Parse(bytes, new JsonOrigin("the configuration file", path, Failure.Usage));
        return Node(json, path) as ObjectNode ?? throw json.Wrong("one JSON object");
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
            node = new ObjectNode(Override, [(key.Trim(), Override, node)]);
        }

        return (ObjectNode)node;
    }

    private static SettingNode ReadValue(string text, string origin)
    {
        try
        {
            return Node(StrictJson.Parse(Encoding.UTF8.GetBytes(text), new JsonOrigin("an override's list or object", origin, Failure.Usage)), null);
        }
        catch (CloudsException) when (text.TrimStart() is not ['[' or '{', ..])
        {
            return new ScalarNode(Override, text, ScalarType.Text, true);
        }
        catch (CloudsException e)
        {
            throw new CloudsException(Failure.Usage, e.What, origin,
                e.Found, "for instance --set 'a.b=[1, 2]'", "quote the whole argument for the shell", e);
        }
    }

    private static SettingNode Node(StrictJson json, string? file) => json.Kind switch
    {
        JsonValueKind.Object => new ObjectNode(Origin(json.Line, file),
            [.. json.Members().Select(member => (member.Name!, Origin(member.KeyLine, file), Node(member, file)))]),
        JsonValueKind.Array => new ListNode(Origin(json.Line, file), [.. json.Items().Select(item => Node(item, file))]),
        JsonValueKind.String => Scalar(json, json.TextOrEmpty(), ScalarType.Text, file),
        JsonValueKind.Number => Scalar(json, json.Element.GetRawText(), ScalarType.Number, file),
        JsonValueKind.Null => Scalar(json, "null", ScalarType.Null, file),
        _ => Scalar(json, json.Element.GetRawText(), ScalarType.Truth, file),
    };

    private static ScalarNode Scalar(StrictJson json, string text, ScalarType type, string? file) => new(Origin(json.Line, file), text, type, file is null);

    private static string Origin(int line, string? file) => file is null ? Override : $"{file}:{line}";
}
