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
    /// <summary>Scale of the next step's loss in mixed precision; null in single.</summary>
    public LossScale? Scale { get; init; }

    /// <summary>The state behind one more step. One that the loss scale alone was too large for is neither good nor bad.</summary>
    internal RunState Next(StepResult result) => this with
    {
        Step = Step + 1,
        SkippedInARow = result.IsOverflow ? SkippedInARow : result.Skipped ? SkippedInARow + 1 : 0,
        Skipped = Skipped + (result.Skipped ? 1 : 0),
        Scale = Scale?.Next(result.Skipped),
    };

    /// <summary>The state for a run in this precision: in mixed precision one that has no scale yet begins with the first.</summary>
    internal RunState In(TrainingPrecision precision) => this with { Scale = precision == TrainingPrecision.Mixed ? Scale ?? new LossScale() : null };

    /// <summary>
    /// One JSON object: step, skippedInARow, skipped and, where there are such, lossScale and validation before the members of the run's description.
    /// </summary>
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
            Scale?.Write(json);
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
        run.Get("step").Whole(0), run.Get("skippedInARow").Whole(0), run.Find("skipped")?.Whole(0) ?? 0, ValidationState.Read(run))
    {
        Scale = LossScale.Read(run),
    };
}
