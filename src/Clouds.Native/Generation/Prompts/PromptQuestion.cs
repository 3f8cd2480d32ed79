using System.Text;
using Clouds.Native.Generation.Language;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// What the language model is asked (paper section 3.2): the class list C of the source data, so many diverse and simple prompts, strictly "a photo of X in
/// Z". The paper leaves the full text out; the wording is ours.
/// </summary>
/// <param name="words">The classes.</param>
/// <param name="mostWords">Most words of a prompt.</param>
/// <param name="synonyms">Most synonyms that it tells of each class, 0 or more.</param>
public sealed class PromptQuestion(ClassWords words, int mostWords = PromptCheck.MostWords, int synonyms = PromptQuestion.MostSynonyms)
{
    /// <summary>Most classes that a question asks for as too rare.</summary>
    public const int MostRare = 8;

    /// <summary>Synonyms of each class, where nobody says otherwise.</summary>
    public const int MostSynonyms = 3;

    private const string System = "You write prompts for a program that paints images. You answer with the prompts only.";
    private const int MostExamples = 3;

    /// <summary>A question; those that ask again tell what is there and what was wrong.</summary>
    /// <param name="asked">How many prompts it asks for.</param>
    /// <param name="known">Prompts that are there and not to be repeated; empty: none is named.</param>
    /// <param name="rare">Classes that are lacking, the first eight of which it asks for; empty: none.</param>
    /// <param name="refused">What was wrong with the last answer, faults marked; empty: nothing, or there was none.</param>
    /// <returns>The talk.</returns>
    public IReadOnlyList<ChatTurn> Of(int asked, IReadOnlyList<Prompt> known, IReadOnlyList<string> rare, IReadOnlyList<Prompt> refused) =>
        [new(ChatRole.System, System), new(ChatRole.User, $"{Task(asked)}{Wrong(refused)}{There(known)}{Lacking(rare)}")];

    private string Task(int asked) =>
        $"Write {asked} diverse and simple prompts for an image generator. Each must be strictly of the form \"a photo of X in Z\". X is one or more names of "
        + "the class list C, or synonyms of them. Z is the context: a time of day, the weather, a season or a place. "
        + $"C = [{string.Join(", ", words.Classes.Select(Named))}]. "
        + $"Use all classes about equally often, and combine them. No two prompts may be the same, and none may have more than {mostWords} words. "
        + $"Answer with the prompts only, one a line, numbered from 1 to {asked}.";

    private string Named(string name)
    {
        string[] said = [.. words.Words.Where(word => word.Class == name).Select(word => word.Word).Take(1 + synonyms)];
        return said.Length > 1 ? $"{said[0]} ({string.Join(", ", said[1..])})" : said[0];
    }

    private string Wrong(IReadOnlyList<Prompt> refused)
    {
        StringBuilder text = new();
        foreach (PromptFault fault in refused.SelectMany(prompt => prompt.Faults).Distinct().Order())
        {
            Prompt[] examples = [.. refused.Where(prompt => prompt.Faults.Contains(fault)).Take(MostExamples)];
            text.Append($" Earlier prompts {Wrong(fault)}, for instance: {string.Join("; ", examples.Select(prompt => $"\"{Short(prompt.Text)}\""))}.");
        }

        return text.ToString();
    }

    private static string Lacking(IReadOnlyList<string> rare) =>
        rare.Count == 0 ? "" : $" These classes are too rare so far: {string.Join(", ", rare.Take(MostRare))}. Use them.";

    private static string There(IReadOnlyList<Prompt> known) =>
        known.Count == 0 ? "" : $" Do not repeat: {string.Join("; ", known.Select(prompt => Short(prompt.Text)))}.";

    private string Wrong(PromptFault fault) => fault switch
    {
        PromptFault.Form => "were not of the form \"a photo of X in Z\"",
        PromptFault.NoClass => "had no class of C as X",
        PromptFault.Length => $"had more than {mostWords} words",
        PromptFault.Cut => "broke off",
        PromptFault.Twice => "were there already",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static string Short(string text) => text.Length <= 120 ? text : $"{text[..(char.IsHighSurrogate(text[119]) ? 119 : 120)]}..";
}
