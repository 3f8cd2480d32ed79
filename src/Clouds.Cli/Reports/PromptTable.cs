using Clouds.Cli.Console;
using Clouds.Native.Generation.Prompts;
using Spectre.Console;

namespace Clouds.Cli.Reports;

/// <summary>What a list of prompts shows, as tables for people and as JSON.</summary>
internal static class PromptTable
{
    private const int MostContexts = 6;

    /// <summary>Writes how many prompts name each class and each kind of context.</summary>
    public static void Write(IAnsiConsole console, PromptSurvey survey)
    {
        TextTable.Write(console, ["class", "prompts"], survey.Classes.Select(count => new[] { count.Name, $"{count.Prompts}" }));
        TextTable.Write(console, ["context", "prompts", "most frequent"], survey.Kinds.Select(kind => new[]
        {
            Word(kind.Key), $"{kind.Value}",
            string.Join(", ", survey.Contexts[kind.Key].Take(MostContexts).Select(count => $"{count.Name} {count.Prompts}")),
        }));
        TextTable.Write(console, ["prompts", $"{survey.Prompts.Count}"],
            [["words", $"{survey.Lengths.Min()} to {survey.Lengths.Max()}, mean {survey.Lengths.Average():0.0}"],
            ["without a mark", $"{survey.Faultless}"],
            .. survey.Faults.Where(fault => fault.Value > 0).Select(fault => new[] { Sentence(fault.Key), $"{fault.Value}" })]);
    }

    /// <summary>Writes which prompts are marked.</summary>
    public static void WriteMarked(IAnsiConsole console, PromptSurvey survey)
    {
        if (survey.Faultless < survey.Prompts.Count)
        {
            TextTable.Write(console, ["line", "marked", "prompt"], Marked(survey));
        }
    }

    /// <summary>The prompts that are marked: line from 1, what is marked, the words.</summary>
    public static IEnumerable<string[]> Marked(PromptSurvey survey) => survey.Prompts.Index().Where(prompt => prompt.Item.Faults.Count > 0)
        .Select(prompt => new[] { $"{prompt.Index + 1}", string.Join(", ", prompt.Item.Faults.Select(Sentence)), prompt.Item.Text });

    /// <summary>All of it in one line.</summary>
    /// <param name="survey">The list.</param>
    /// <param name="file">Where it is.</param>
    public static string Json(PromptSurvey survey, string file) => JsonText.Line(new
    {
        file,
        prompts = survey.Prompts.Count,
        classes = survey.Classes.ToDictionary(count => count.Name, count => count.Prompts),
        kinds = survey.Kinds.ToDictionary(kind => Word(kind.Key), kind => kind.Value),
        contexts = survey.Contexts.ToDictionary(kind => Word(kind.Key), kind => kind.Value.ToDictionary(count => count.Name, count => count.Prompts)),
        words = new { least = survey.Lengths.Min(), most = survey.Lengths.Max(), mean = survey.Lengths.Average() },
        faultless = survey.Faultless,
        faults = survey.Faults.ToDictionary(fault => JsonWord(fault.Key), fault => fault.Value),
        marked = survey.Prompts.Index().Where(prompt => prompt.Item.Faults.Count > 0)
            .Select(prompt => new { line = prompt.Index + 1, prompt.Item.Text, prompt.Item.Faults }),
    });

    /// <summary>A kind of context, in words.</summary>
    public static string Word(ContextKind kind) => kind.ToString().ToLowerInvariant();

    private static string Sentence(PromptFault fault) => fault switch
    {
        PromptFault.Form => "not \"a photo of X in Z\"",
        PromptFault.NoClass => "no class",
        PromptFault.Length => "too long",
        PromptFault.Cut => "breaks off",
        PromptFault.Twice => "twice",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static string JsonWord(PromptFault fault) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(fault.ToString());
}
