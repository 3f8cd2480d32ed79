using System.Text;
using Clouds.Native.Generation.Language;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// What the language model is asked (paper section 3.2): the class list C of the source data, so many diverse and simple prompts, strictly "a photo of X in
/// Z". The paper leaves the full text out; the wording is ours.
/// </summary>
/// <param name="words">The classes.</param>
/// <param name="options">Length of prompts and answers.</param>
/// <param name="context">Tokens that the model has for talk and answer together.</param>
internal sealed class PromptQuestion(ClassWords words, PromptWriterOptions options, int context)
{
    private const string System = "You write prompts for a program that paints images. You answer with the prompts only.";
    private const int TokensOfAPrompt = 24;
    private const int TokensOfATalk = 64;
    private const int LettersOfAToken = 3;
    private const int TokensOfALetter = 3;
    private const int MostAtOnce = 100;
    private const int MostExamples = 3;
    private const int MostKnown = 20;
    private const int MostRare = 8;
    private const int SynonymsOfAClass = 3;

    /// <summary>A question.</summary>
    /// <param name="missing">How many prompts are missing; it asks for fewer where the model has no room for so many.</param>
    /// <param name="kept">Prompts that are there.</param>
    /// <param name="rare">Classes that they lack.</param>
    /// <param name="refused">What was wrong with the last answer; empty: nothing, or there was none.</param>
    /// <returns>The talk, how many it asks for, and the tokens that the answer may have.</returns>
    public (IReadOnlyList<ChatTurn> Talk, int Asked, int Tokens) Of(
        int missing, IReadOnlyList<Prompt> kept, IReadOnlyList<string> rare, IReadOnlyList<Prompt> refused)
    {
        string repair = Repair(kept, rare, refused);
        int room = context - TokensOfATalk - Tokens(System + Task(missing) + repair);
        int tokens = Math.Clamp(room, 1, options.Answer.MaximumTokens);
        int asked = Math.Clamp(tokens / TokensOfAPrompt, 1, Math.Min(missing, MostAtOnce));
        return ([new ChatTurn(ChatRole.System, System), new ChatTurn(ChatRole.User, Task(asked) + repair)], asked, tokens);
    }

    private string Task(int asked) =>
        $"Write {asked} diverse and simple prompts for an image generator. Each must be strictly of the form \"a photo of X in Z\". X is one or more names of "
        + "the class list C, or synonyms of them. Z is the context: a time of day, the weather, a season or a place. "
        + $"C = [{string.Join(", ", words.Classes.Select(Named))}]. "
        + $"Use all classes about equally often, and combine them. No two prompts may be the same, and none may have more than {options.MostWords} words. "
        + $"Answer with the prompts only, one a line, numbered from 1 to {asked}.";

    private string Named(string name)
    {
        string[] said = [.. words.Words.Where(word => word.Class == name).Select(word => word.Word).Take(1 + SynonymsOfAClass)];
        return said.Length > 1 ? $"{said[0]} ({string.Join(", ", said[1..])})" : said[0];
    }

    private string Repair(IReadOnlyList<Prompt> kept, IReadOnlyList<string> rare, IReadOnlyList<Prompt> refused)
    {
        StringBuilder text = new();
        foreach (PromptFault fault in refused.SelectMany(prompt => prompt.Faults).Distinct().Order())
        {
            Prompt[] examples = [.. refused.Where(prompt => prompt.Faults.Contains(fault)).Take(MostExamples)];
            text.Append($" Earlier prompts {Wrong(fault)}, for instance: {string.Join("; ", examples.Select(prompt => $"\"{Short(prompt.Text)}\""))}.");
        }

        if (rare.Count > 0)
        {
            text.Append($" These classes are too rare so far: {string.Join(", ", rare.Take(MostRare))}. Use them.");
        }

        // A model with little room has none for what it wrote before.
        Prompt[] known = [.. kept.TakeLast(Math.Min(MostKnown, context / TokensOfAPrompt / 8))];
        return text.Append(known.Length == 0 ? "" : $" Do not repeat: {string.Join("; ", known.Select(prompt => Short(prompt.Text)))}.").ToString();
    }

    private string Wrong(PromptFault fault) => fault switch
    {
        PromptFault.Form => "were not of the form \"a photo of X in Z\"",
        PromptFault.NoClass => "had no class of C as X",
        PromptFault.Length => $"had more than {options.MostWords} words",
        PromptFault.Cut => "broke off",
        PromptFault.Twice => "were there already",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    // English words have more letters a token, others' letters may have a token for each byte.
    private static int Tokens(string text)
    {
        int plain = text.Count(char.IsAscii);
        return (plain / LettersOfAToken) + ((text.Length - plain) * TokensOfALetter);
    }

    private static string Short(string text) => text.Length <= 120 ? text : $"{text[..(char.IsHighSurrogate(text[119]) ? 119 : 120)]}..";
}
