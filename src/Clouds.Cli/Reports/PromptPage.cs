using Clouds.Native.Generation.Prompts;

namespace Clouds.Cli.Reports;

/// <summary>One page about a list of prompts: pictures of how often it names classes and contexts, lengths, and every prompt.</summary>
internal static class PromptPage
{
    /// <summary>The page.</summary>
    public static HtmlReport Make(PromptSurvey survey, string title)
    {
        int all = survey.Prompts.Count;
        HtmlReport page = new HtmlReport(title)
            .AddText($"{all} prompts, {survey.Faultless} without a mark, {survey.Lengths.Min()} to {survey.Lengths.Max()} words. "
                + "Bars are percent of the prompts.");
        if (survey.Classes.Where(count => count.Prompts == 0).ToArray() is { Length: > 0 } none)
        {
            page.AddNote($"No prompt names {string.Join(", ", none.Select(count => count.Name))}.");
        }

        page.AddHeading("Classes").AddBars([.. survey.Classes.Select(count => Bar(count.Name, count.Prompts, all, BarKind.Ours))]);
        page.AddHeading("Contexts").AddBars([.. survey.Kinds.Select(kind => Bar(PromptTable.Word(kind.Key), kind.Value, all, BarKind.Ours))]);
        foreach ((ContextKind kind, IReadOnlyList<PromptCount> counts) in survey.Contexts.Where(kind => kind.Value.Count > 0))
        {
            page.AddSmallHeading(PromptTable.Word(kind)).AddBars([.. counts.Select(count => Bar(count.Name, count.Prompts, all, BarKind.Here))]);
        }

        page.AddHeading("Words of a prompt").AddBars(
            [.. survey.Lengths.CountBy(length => length).OrderBy(pair => pair.Key).Select(pair => Bar($"{pair.Key}", pair.Value, all, BarKind.Others))]);
        AddPrompts(page, survey);
        return page;
    }

    private static void AddPrompts(HtmlReport page, PromptSurvey survey)
    {
        if (survey.Faultless < survey.Prompts.Count)
        {
            page.AddHeading("Marked").AddTable(["line", "marked", "prompt"], PromptTable.Marked(survey));
        }

        page.AddHeading("Prompts").AddFolded("all of them", inside => inside.AddTable(["line", "prompt", "classes", "from"], survey.Prompts.Select(
            (prompt, i) => (IReadOnlyList<string>)[$"{i + 1}", prompt.Text, string.Join(", ", prompt.Classes), From(prompt.Origin)])));
    }

    private static string From(PromptOrigin origin) => origin.Source switch
    {
        PromptSource.Text => $"{origin.Name}, line {origin.Index + 1}",
        PromptSource.Template => $"template, seed {origin.Seed}",
        PromptSource.Model => $"{origin.Name}, seed {origin.Seed}, answer {origin.Attempt}",
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    private static ReportBar Bar(string name, int prompts, int all, BarKind kind) => new($"{name} ({prompts})", 100.0 * prompts / all, kind);
}
