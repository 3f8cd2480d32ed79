using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Clouds.Cli.Console;

/// <summary>How `--json` writes: camelCase keys, choices by name, no escapes that a reader of logs does not need.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Compact = Options(indented: false);
    private static readonly JsonSerializerOptions Wide = Options(indented: true);

    /// <summary>One line.</summary>
    public static string Line(object value) => JsonSerializer.Serialize(value, Compact);

    /// <summary>Indented.</summary>
    public static string Document(object value) => JsonSerializer.Serialize(value, Wide);

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        WriteIndented = indented,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // JSON has no infinities; an error over tolerance may be one, and readers accept the names as strings.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
