using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// How the tokens of an answer are chosen. Scores are divided by the temperature; the likeliest tokens are kept, at most <see cref="TopK"/> of them and no
/// more than reach <see cref="TopP"/> together; one of these is drawn (Holtzman et al. 2020).
/// </summary>
public sealed class AnswerOptions
{
    /// <summary>What scores are divided by, 0 or more; 0: the likeliest token is taken always, and nothing is drawn. Llama-2's own: 0.6.</summary>
    public double Temperature { get; init; } = 0.6;

    /// <summary>Most tokens that may be drawn; 0: all. Hugging Face's default: 50.</summary>
    public int TopK { get; init; } = 50;

    /// <summary>Share of probability that the tokens that may be drawn reach together, in (0, 1]; 1: all. Llama-2's own: 0.9.</summary>
    public double TopP { get; init; } = 0.9;

    /// <summary>Most tokens of an answer, 1 or more; it ends there, in the middle of a sentence perhaps.</summary>
    public int MaximumTokens { get; init; } = 2048;

    /// <summary>Texts in front of which an answer ends, besides the model's own mark; none is empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The likeliest token always.</summary>
    public static AnswerOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(double.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), Temperature, "0 or more");
        Require(TopK >= 0, nameof(TopK), TopK, "0 or more tokens");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "more than 0, at most 1");
        Require(MaximumTokens >= 1, nameof(MaximumTokens), MaximumTokens, "1 or more tokens");
        Require(Stop is not null && Stop.All(text => !string.IsNullOrEmpty(text)), nameof(Stop), "an empty text", "texts that are not empty");
    }

    private static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(AnswerOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
