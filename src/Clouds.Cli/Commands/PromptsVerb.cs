using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds prompts`.</summary>
/// <param name="open">Opens a language model.</param>
internal sealed class PromptsVerb(Func<string, CloudsSettings, ILanguageModel> open) : Verb<PromptsVerb.Options>
{
    public override string Name => "prompts";

    public override string Summary => "write the prompts that images are generated of";

    public override string Description =>
        "Writes prompts \"a photo of X in Z\", where X names classes and Z is a context: light, weather, season, place (section 3.2 of the paper). There are "
        + "three ways. --model: a language model of the Llama family gets the list of classes and is asked for what is missing until there are enough that can "
        + "be used; every answer is checked, and stands with what was refused in NAME.answers.jsonl beside --out. --template: the program composes them of "
        + "names, synonyms and contexts, each class as often as any other; no model is needed. --text: somebody wrote them; they are taken as they stand and "
        + "marked, as the paper's own list does not follow the form.\n\n"
        + "--out is JSON lines: the prompt, its classes, its context and where it comes from (who wrote it, digest of the model or text, seed, answer, place). "
        + "Where it ends in .txt, and on standard output, it is plain text, one prompt a line. Same options, same prompts. In self-training, image j of a "
        + "generated set is painted of prompt j modulo their number.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds prompts --template -n 100 --out prompts.jsonl", "A hundred prompts without any model."),
        new("clouds prompts --model Llama-2-7b-chat-hf --out prompts.jsonl --page prompts.html", "A hundred by a language model, and a page about them."),
        new("clouds prompts --model Llama-2-7b-chat-hf --out prompts.jsonl --resume", "Goes on where that was stopped or gave up."),
        new("clouds prompts --template -n 20 --classes city.json --seed 7", "For the classes of a data set of your own, on standard output."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a file cannot be read, or the language model gave too few prompts: those that can be used are in --out, and "
            + "--resume goes on, or without it on standard output",
    };

    public override bool IsForOneProcess => true;

    public override string OnInterruption => "stopping; the prompts of whole answers are kept";

    protected override int Run(Options options, VerbContext context)
    {
        options.Require();
        CloudsSettings settings = options.LoadSettings().Value;
        ClassWords words = options.ReadWords(context.Progress.Warn);
        IReadOnlyList<Prompt> prompts = options.Model is not null ? Ask(options, settings, words, context)
            : options.Text is not null ? new PromptCheck(words, options.MostWords).Mark(PromptFile.Read(options.Text))
            : TemplateWriter.Write(words, options.Wanted, options.Seed);
        PromptSurvey survey = new(prompts, words);
        Show(survey, options, context);
        if (options.Page is not null)
        {
            PromptPage.Make(survey, options.File ?? "Prompts").Save(options.Page);
        }

        return ExitCodes.Success;
    }

    private IReadOnlyList<Prompt> Ask(Options options, CloudsSettings settings, ClassWords words, VerbContext context)
    {
        PromptRun run = new(options.File, options.Resume, options.Overwrite, context);
        using LanguageModelOnDemand model = new(() => open(options.Model!, settings));
        PromptWriter writer = new(model, words, options.Asking);
        IReadOnlyList<Prompt> prompts;
        try
        {
            prompts = run.Write(writer, options.Wanted);
        }
        catch (Exception e) when (options.File is null && e is CloudsException or OperationCanceledException)
        {
            Print(run.Kept, options, context);
            throw;
        }

        if (writer.Lacking(prompts) is { Count: > 0 } lacking)
        {
            context.Progress.Warn($"the language model hardly names {string.Join(", ", lacking)}, also when it is asked to");
        }

        return prompts;
    }

    private static void Show(PromptSurvey survey, Options options, VerbContext context)
    {
        if (options.File is not string path)
        {
            Print(survey.Prompts, options, context);
            return;
        }

        PromptFile.Write(path, survey.Prompts);
        if (options.Json)
        {
            context.Out.WriteLine(PromptTable.Json(survey, path));
            return;
        }

        PromptTable.Write(context.Console, survey);
        context.Out.WriteLine(path);
    }

    private static void Print(IEnumerable<Prompt> prompts, Options options, VerbContext context)
        => prompts.ToList().ForEach(prompt => context.Out.WriteLine(PromptFile.Line(prompt, plain: !options.Json)));

    /// <summary>Who writes, how many, and where to.</summary>
    internal sealed class Options : PromptOptions
    {
        [Option("template", HelpText = "The program composes the prompts.")]
        public bool Template { get; set; }

        [Option("model", MetaValue = "DIR|FILE", HelpText =
            "A language model writes them: a folder as Hugging Face publishes it, or a file that `clouds model import --quantize` wrote; or mini:llm, the "
            + "miniature that is built in.")]
        public string? Model { get; set; }

        [Option("text", MetaValue = "FILE", HelpText = "Takes the prompts of a file, one a line or JSON lines; -: of standard input.")]
        public string? Text { get; set; }

        [Option('n', "count", MetaValue = "N", HelpText = "Number of prompts. Default: 100, as in the paper.")]
        public int? Count { get; set; }

        [Option('o', "out", MetaValue = "FILE", HelpText = "The list to write. Default, and -: standard output.")]
        public string? Out { get; set; }

        [Option("seed", MetaValue = "N", HelpText = "Seed of all that is drawn. Default: 1.")]
        public long Seed { get; set; } = 1;

        [Option("temperature", MetaValue = "T", HelpText = "Of the language model's draws; 0: always the likeliest word. Default: 0.6, Llama 2's own.")]
        public double? Temperature { get; set; }

        [Option("answers", MetaValue = "N", HelpText = "Most answers of the language model. Default: 20, and one more for every ten prompts.")]
        public int? Answers { get; set; }

        [Option("resume", HelpText = "With --model: keep the prompts that are in --out, and write what is missing.")]
        public bool Resume { get; set; }

        [Option("overwrite", HelpText = "With --model: replace the prompts that are in --out; without it they are not touched.")]
        public bool Overwrite { get; set; }

        /// <summary>The file to write; null: standard output.</summary>
        public string? File => Out is PromptFile.StandardInput ? null : Out;

        /// <summary>Number of prompts.</summary>
        public int Wanted => Count ?? new PromptWriterOptions().Count;

        /// <summary>How a language model is asked.</summary>
        public PromptWriterOptions Asking => new()
        {
            Count = Wanted,
            Seed = Seed,
            MostWords = MostWords,
            MostAnswers = Answers,
            Answer = new AnswerOptions
            {
                Temperature = Temperature ?? new AnswerOptions().Temperature, MaximumTokens = new PromptWriterOptions().Answer.MaximumTokens,
            },
        };

        /// <summary>Refuses options that do not go together.</summary>
        public void Require()
        {
            string[] sources = [.. Template ? ["--template"] : Array.Empty<string>(), .. Named(Model, "--model"), .. Named(Text, "--text")];
            Require(sources.Length == 1, sources.Length == 0 ? "none of them" : string.Join(" and ", sources), "--template, --model or --text, one of them");
            Require(Count is null or > 0, $"-n {Count}", "1 or more prompts");
            Require(Answers is null or > 0, $"--answers {Answers}", "1 or more answers");
            Require(Temperature is null or >= 0 and < double.PositiveInfinity, $"--temperature {Temperature}", "0 or more");
            Require(Text is null || Count is null, "-n with --text", "the whole text: it is taken as it stands");
            Require(Model is not null || (Temperature ?? Answers) is null, "--temperature or --answers without --model", "them with --model");
            Require(Model is not null || !(Resume || Overwrite), "--resume or --overwrite without --model", "them with --model");
            Require(!Resume || (File is not null && !Overwrite), "--resume without a file to go on from", "--out FILE with it, and no --overwrite");
        }

        private static string[] Named(string? value, string name) => value is null ? [] : [name];

        private static void Require(bool condition, string found, string expected)
        {
            if (!condition)
            {
                throw new CloudsException(
                    Failure.Usage, "the options do not tell what to write", "clouds prompts", found, expected, "`clouds prompts --help` shows examples");
            }
        }
    }
}
