using System.Text.Json;
using Clouds.Graph.Json;

namespace Clouds.Training.Engine;

/// <summary>
/// Where a run stands between two steps, the arenas aside. All random draws are functions of seed and step, so this is all there is.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="SkippedInARow">Steps in a row, the last ones, whose loss or gradient was not finite.</param>
/// <param name="Skipped">All such steps of the run.</param>
/// <param name="Validation">What its validations found; null: there was none yet.</param>
public sealed record RunState(long Step, long SkippedInARow, long Skipped, ValidationState? Validation = null)
{
    /// <summary>The state behind one more step.</summary>
    /// <param name="skipped">Whether the step changed nothing.</param>
    internal RunState Next(bool skipped)
        => this with { Step = Step + 1, SkippedInARow = skipped ? SkippedInARow + 1 : 0, Skipped = Skipped + (skipped ? 1 : 0) };

    /// <summary>One JSON object: step, skippedInARow, skipped and, where there was one, validation before the members of the run's description.</summary>
    internal string ToJson(string description)
    {
        using JsonDocument members = JsonDocument.Parse(description);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("step", Step);
            json.WriteNumber("skippedInARow", SkippedInARow);
            json.WriteNumber("skipped", Skipped);
            Validation?.Write(json);
            foreach (JsonProperty member in members.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads the state; the other members are left to the training. Older checkpoints do not count all skipped steps, nor validate.</summary>
    internal static RunState Read(StrictJson run) => new(
        run.Get("step").Whole(0), run.Get("skippedInARow").Whole(0), run.Find("skipped")?.Whole(0) ?? 0, ValidationState.Read(run));
}
