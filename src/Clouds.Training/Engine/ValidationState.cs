using System.Text.Json;
using Clouds.Graph.Json;

namespace Clouds.Training.Engine;

/// <summary>What the validations of a run found so far, as far as the run depends on it.</summary>
/// <param name="Step">Steps that were done at the last one.</param>
/// <param name="BestStep">Steps that were done at the best one; null: none had a score.</param>
/// <param name="BestScore">Its score.</param>
/// <param name="WithoutGain">Validations since then.</param>
public sealed record ValidationState(long Step, long? BestStep, double? BestScore, long WithoutGain)
{
    private const string Member = "validation";

    /// <summary>Whether a score is the best so far; that of nothing is not.</summary>
    public static bool IsGain(ValidationState? before, double? score) => score is double value && !(before?.BestScore >= value);

    /// <summary>The state behind one more validation.</summary>
    internal static ValidationState After(ValidationState? before, ValidationLine line) => line.Best
        ? new ValidationState(line.Step, line.Step, line.MeanIou, 0)
        : new ValidationState(line.Step, before?.BestStep, before?.BestScore, (before?.WithoutGain ?? 0) + 1);

    internal static ValidationState? Read(StrictJson run)
    {
        if (run.Find(Member) is not StrictJson state)
        {
            return null;
        }

        return new ValidationState(
            state.Get("step").Whole(0), state.Find("bestStep")?.Whole(0), state.Find("bestScore")?.Real(), state.Get("withoutGain").Whole(0));
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Member);
        json.WriteNumber("step", Step);
        if (BestStep is long step && BestScore is double score)
        {
            json.WriteNumber("bestStep", step);
            json.WriteNumber("bestScore", score);
        }

        json.WriteNumber("withoutGain", WithoutGain);
        json.WriteEndObject();
    }
}
