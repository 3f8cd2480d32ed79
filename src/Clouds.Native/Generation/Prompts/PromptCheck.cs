using System.Text.RegularExpressions;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// Looks at prompts as the paper asks for them (section 3.2): strictly "a photo of X in Z", where X names classes and Z is a context. It marks, and changes
/// no word: the paper's own list does not always follow the form.
/// </summary>
/// <param name="words">The classes and what they are called.</param>
/// <param name="mostWords">Most words of a prompt, 1 or more. The longest of the released list has 17; a text encoder of CLIP sees 75 tokens.</param>
public sealed partial class PromptCheck(ClassWords words, int mostWords = PromptCheck.MostWords)
{
    /// <summary>Most words of a prompt, where nobody says otherwise.</summary>
    public const int MostWords = 30;

    private static readonly HashSet<string> Unfinished =
        ["a", "an", "the", "of", "in", "on", "at", "with", "and", "or", "by", "to", "for", "from", "near", "under", "over", "its", "their", "is", "are"];

    /// <summary>What a prompt is known by: two with the same are the same up to letter case, white space and a full stop at the end.</summary>
    public static string Key(string text) => Spaces().Replace(text.Trim(), " ").ToLowerInvariant().TrimEnd('.', ' ');

    /// <summary>Marks a list; of prompts that are the same the first is not <see cref="PromptFault.Twice"/>.</summary>
    public IReadOnlyList<Prompt> Mark(IEnumerable<Prompt> prompts)
    {
        HashSet<string> seen = [];
        return [.. prompts.Select(prompt => Mark(prompt.Text, prompt.Origin, seen))];
    }

    /// <summary>Marks a text.</summary>
    /// <param name="text">One line.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="seen">Keys of the prompts before it; its own is added.</param>
    internal Prompt Mark(string text, PromptOrigin origin, HashSet<string> seen)
    {
        (string X, string Z)? parts = Split(text);
        IReadOnlyList<string> classes = words.In(parts?.X ?? text);
        string context = parts?.Z ?? "";
        return new Prompt
        {
            Text = text,
            Classes = classes,
            Context = context,
            Origin = origin,
            Faults =
            [
                .. parts is null ? [PromptFault.Form] : Array.Empty<PromptFault>(),
                .. classes.Count == 0 ? [PromptFault.NoClass] : Array.Empty<PromptFault>(),
                .. Spaces().Split(text.Trim()).Length > mostWords ? [PromptFault.Length] : Array.Empty<PromptFault>(),
                .. IsCut(text) ? [PromptFault.Cut] : Array.Empty<PromptFault>(),
                .. seen.Add(Key(text)) ? Array.Empty<PromptFault>() : [PromptFault.Twice],
            ],
        };
    }

    /// <summary>X and Z of a prompt, parted at the first "in" behind a class's name, or the first of all; null: it has no such form.</summary>
    private (string X, string Z)? Split(string text)
    {
        if (Form().Match(text.Trim()) is not { Success: true } form)
        {
            return null;
        }

        string rest = form.Groups["rest"].Value;
        (string X, string Z)[] parts = [.. In().Matches(rest)
            .Select(match => (rest[..match.Index].Trim(), rest[(match.Index + match.Length)..].Trim().TrimEnd('.').TrimEnd()))
            .Where(pair => HasWord().IsMatch(pair.Item1) && HasWord().IsMatch(pair.Item2))];
        return parts.Length == 0 || Again().IsMatch(rest) ? null : parts.Where(pair => words.In(pair.X).Count > 0).Append(parts[0]).First();
    }

    private static bool IsCut(string text) => text.TrimEnd().EndsWith(',') || Unfinished.Contains(PhraseIndex<string>.Words(text).LastOrDefault(""));

    [GeneratedRegex(@"^a photo of (?<rest>\S.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"\sin\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex In();

    [GeneratedRegex(@"\bphoto of\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Again();

    [GeneratedRegex(@"\p{L}{2}|[\p{Lo}]")]
    private static partial Regex HasWord();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
