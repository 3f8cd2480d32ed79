using System.Text.Json;
using Clouds.Graph.Json;

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
    internal static RunState Read(StrictJson run) => new(run.Get("step").Whole(0), run.Get("skippedInARow").Whole(0));
}
