using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;

namespace Clouds.Native.Generation.Prompts;

/// <summary>How <see cref="PromptWriter"/> asks.</summary>
public sealed class PromptWriterOptions
{
    /// <summary>Number of prompts, 1 or more. The paper: 100.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Seed of all answers; each has a stream of its own.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Most words of a prompt, 5 or more. The longest of the released list has 17.</summary>
    public int MostWords { get; init; } = PromptCheck.MostWords;

    /// <summary>Most answers of one call, 1 or more; null: 20, and one more for every ten prompts.</summary>
    public int? MostAnswers { get; init; }

    /// <summary>Most answers in a row without a prompt that can be used, 1 or more.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>How tokens are chosen. The paper tells none of it (method.md section 5.1): the language model's own,
    /// and room for a hundred prompts.</summary>
    public AnswerOptions Answer { get; init; } = new() { MaximumTokens = 3072 };

    /// <summary>The same with another seed.</summary>
    public PromptWriterOptions From(long seed) => new()
    {
        Count = Count, Seed = seed, MostWords = MostWords, MostAnswers = MostAnswers, Patience = Patience, Answer = Answer,
    };

    /// <summary>The most answers.</summary>
    internal int Bound => MostAnswers ?? 20 + (Count / 10);

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Count >= 1, nameof(Count), Count, "1 or more prompts");
        Require(MostWords >= 5, nameof(MostWords), MostWords, "5 or more words");
        Require(MostAnswers is null or >= 1, nameof(MostAnswers), Bound, "1 or more answers");
        Require(Patience >= 1, nameof(Patience), Patience, "1 or more answers");
    }

    private static void Require(bool condition, string member, int found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(PromptWriterOptions)}.{member}", $"{found}", expected,
                "correct the option");
        }
    }
}
