using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Console;

/// <summary>How `--json` writes: camelCase keys, choices by name, no escapes that a reader of logs does not need.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Compact = Options(indented: false);
    private static readonly JsonSerializerOptions Wide = Options(indented: true);

    /// <summary>One line.</summary>
    public static string Line(object value) => JsonSerializer.Serialize(value, Compact);

    /// <summary>What <see cref="Line"/> wrote.</summary>
    /// <exception cref="JsonException">It is damaged, or of something else.</exception>
    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Compact) ?? throw new JsonException("null");

    /// <summary>Indented.</summary>
    public static string Document(object value) => JsonSerializer.Serialize(value, Wide);

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        WriteIndented = indented,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // JSON has no infinities; an error over tolerance may be one, and readers accept the names as strings.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new DeviceNameWriter() },
    };

    private sealed class DeviceNameWriter : JsonConverter<DeviceName>
    {
        public override DeviceName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => DeviceName.Parse(reader.GetString() ?? "", "JSON");

        public override void Write(Utf8JsonWriter writer, DeviceName value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
