using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds prompts check`.</summary>
internal sealed class PromptsCheckVerb : Verb<PromptsCheckVerb.Options>
{
    public override string Name => "prompts check";

    public override string Summary => "what a list of prompts shows, and what it lacks";

    public override string Description =>
        "Counts how many prompts name each class, each time of day, weather, season and place, tells how long they are, and marks those that are not strictly "
        + "\"a photo of X in Z\" with a class as X, are too long, break off or are there twice (up to letter case, spaces and a full stop at the end). It "
        + "changes nothing: any text may be painted, and the paper's own list does not follow the form.\n\n"
        + "FILE has one prompt a line, or JSON lines as `clouds prompts` writes them; - is standard input.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds prompts check prompts.jsonl --page prompts.html", "Tables here, pictures in the page."),
        new("clouds prompts check list.txt --strict", "Fails where a prompt is marked, for scripts."),
        new("clouds prompts check - --max-words 17", "What comes on standard input; no prompt may be longer than the longest of the paper's list."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Failed] = "with --strict: a prompt is marked",
    };

    protected override int Run(Options options, VerbContext context)
    {
        ClassWords words = options.ReadWords(context.Progress.Warn);
        PromptSurvey survey = new(new PromptCheck(words, options.MostWords).Mark(PromptFile.Read(options.File)), words);
        if (options.Page is not null)
        {
            PromptPage.Make(survey, options.File == PromptFile.StandardInput ? "Prompts" : options.File).Save(options.Page);
        }

        if (options.Json)
        {
            context.Out.WriteLine(PromptTable.Json(survey, options.File));
        }
        else
        {
            PromptTable.Write(context.Console, survey);
            PromptTable.WriteMarked(context.Console, survey);
        }

        return options.Strict && survey.Faultless < survey.Prompts.Count ? ExitCodes.Failed : ExitCodes.Success;
    }

    /// <summary>What to look at.</summary>
    internal sealed class Options : PromptOptions
    {
        [Value(0, MetaName = "FILE", Required = true, HelpText = "The list of prompts; -: standard input.")]
        public string File { get; set; } = "";

        [Option("strict", HelpText = "End with exit code 1 where a prompt is marked.")]
        public bool Strict { get; set; }
    }
}
