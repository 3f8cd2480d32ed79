namespace Clouds.Native.Generation.Prompts;

/// <summary>One answer of the language model and what came of it.</summary>
public sealed class PromptAnswer
{
    /// <summary>Which answer, from 1; those of earlier calls count.</summary>
    public required int Attempt { get; init; }

    /// <summary>What was said to the model.</summary>
    public required string Question { get; init; }

    /// <summary>How many prompts it was asked for.</summary>
    public required int Asked { get; init; }

    /// <summary>Classes that it was asked for, as too rare so far; empty: none.</summary>
    public IReadOnlyList<string> Wished { get; init; } = [];

    /// <summary>What it said.</summary>
    public required string Answer { get; init; }

    /// <summary>The prompts that can be used and are new.</summary>
    public required IReadOnlyList<Prompt> Usable { get; init; }

    /// <summary>The others; each has its faults.</summary>
    public required IReadOnlyList<Prompt> Refused { get; init; }

    /// <summary>All prompts that are kept so far, in the order in which they came.</summary>
    public required IReadOnlyList<Prompt> Kept { get; init; }
}
