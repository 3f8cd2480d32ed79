namespace Clouds.Native.Generation.Prompts;

/// <summary>What a list of prompts shows altogether.</summary>
public sealed class PromptSurvey
{
    /// <summary>Looks at a list.</summary>
    /// <param name="prompts">Prompts that were marked (<see cref="PromptCheck.Mark(IEnumerable{Prompt})"/>) or written by one of the writers.</param>
    /// <param name="words">The classes.</param>
    public PromptSurvey(IReadOnlyList<Prompt> prompts, ClassWords words)
    {
        Prompts = prompts;
        Classes = [.. words.Classes.Select(name => new PromptCount(name, prompts.Count(prompt => prompt.Classes.Contains(name))))];
        IReadOnlyList<ContextPhrase>[] contexts = [.. prompts.Select(prompt => ContextPhrase.In(prompt.Context.Length > 0 ? prompt.Context : prompt.Text))];
        Contexts = Enum.GetValues<ContextKind>().ToDictionary(kind => kind, kind => Counts(contexts, kind));
        Kinds = Enum.GetValues<ContextKind>().ToDictionary(kind => kind, kind => contexts.Count(found => found.Any(phrase => phrase.Kind == kind)));
        Lengths = [.. prompts.Select(prompt => prompt.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length)];
        Faults = Enum.GetValues<PromptFault>().ToDictionary(fault => fault, fault => prompts.Count(prompt => prompt.Faults.Contains(fault)));
    }

    /// <summary>The list.</summary>
    public IReadOnlyList<Prompt> Prompts { get; }

    /// <summary>Prompts that name each class, in the order of the class list.</summary>
    public IReadOnlyList<PromptCount> Classes { get; }

    /// <summary>Prompts that name each context, by kind, most frequent first.</summary>
    public IReadOnlyDictionary<ContextKind, IReadOnlyList<PromptCount>> Contexts { get; }

    /// <summary>Prompts that tell anything of a kind.</summary>
    public IReadOnlyDictionary<ContextKind, int> Kinds { get; }

    /// <summary>Words of each prompt.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>Prompts with each fault.</summary>
    public IReadOnlyDictionary<PromptFault, int> Faults { get; }

    /// <summary>Prompts without any fault.</summary>
    public int Faultless => Prompts.Count(prompt => prompt.Faults.Count == 0);

    private static IReadOnlyList<PromptCount> Counts(IReadOnlyList<ContextPhrase>[] contexts, ContextKind kind)
    {
        IEnumerable<ContextPhrase> found = contexts.SelectMany(phrases => phrases.Where(phrase => phrase.Kind == kind));
        IEnumerable<PromptCount> counts = found.CountBy(phrase => phrase.Word).Select(pair => new PromptCount(pair.Key, pair.Value));
        return [.. counts.OrderByDescending(count => count.Prompts).ThenBy(count => count.Name, StringComparer.Ordinal)];
    }
}

/// <summary>How often something is named.</summary>
/// <param name="Name">A class or a context.</param>
/// <param name="Prompts">Prompts that name it.</param>
public sealed record PromptCount(string Name, int Prompts);
