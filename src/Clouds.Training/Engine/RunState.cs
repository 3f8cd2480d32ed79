using System.Text.Json;

namespace Clouds.Training.Engine;

/// <summary>
/// Where a run stands between two steps, the arenas aside. All random draws are functions of seed and step, so this is all there is.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="SkippedInARow">Steps in a row whose gradient was not finite.</param>
public sealed record RunState(long Step, long SkippedInARow)
{
    /// <summary>One JSON object: step and skippedInARow before the members of the run's description.</summary>
    internal string ToJson(string description)
    {
        using JsonDocument members = JsonDocument.Parse(description);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("step", Step);
            json.WriteNumber("skippedInARow", SkippedInARow);
            foreach (JsonProperty member in members.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads the state; the other members are left to the training.</summary>
    /// <exception cref="JsonException">The text is no such object.</exception>
    internal static RunState FromJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object
            ? new RunState(Whole(root, "step"), Whole(root, "skippedInARow"))
            : throw new JsonException("no object");
    }

    private static long Whole(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long value) && value >= 0
            ? value
            : throw new JsonException($"'{name}' is missing or no whole number");
}
