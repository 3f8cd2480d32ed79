using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;
using Clouds.Training.Foundation;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate llm`.</summary>
/// <param name="open">Opens a language model.</param>
internal sealed class EvaluateLlmVerb(Func<string, CloudsSettings, ILanguageModel> open) : ModelEvaluateVerb<EvaluateLlmVerb.Options>
{
    public override string Name => "evaluate llm";

    public override string Summary => "how well a language model writes prompts";

    public override string Description =>
        "Has lists of prompts written as `clouds prompts --model` does, --lists of them, each with a seed of its own, and tells what the answers are worth: "
        + "how many prompts pass all checks (valid), how many are of the form \"a photo of X in Z\", what the others lack, and how many name a class that the "
        + "question asked for as too rare. Then of the prompts that are kept how many differ, which share names the rarest class, and what they tell of time, "
        + "weather, season and place. A list that stays too short is a result.\n\n"
        + "MODEL is a language model's folder, or a file that `clouds model import --quantize` wrote; `clouds bench language` tells how fast it is. --count: "
        + "100 prompts a list where nothing else is said, as in the paper." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate llm writer/model", "Five lists of a hundred prompts."),
        new("clouds evaluate llm Llama-2-7b-chat-hf --lists 1 --count 20 --out judged --json", "One short list; the numbers in judged/evaluation.json."),
    ];

    protected override MeasuredModel Measure(Options options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        using ILanguageModel model = open(options.Model, settings);
        return new MeasuredModel(PromptEvaluation.Run(model, ClassWords.Cityscapes, options.Asking, options.Lists, progress, context.Cancellation));
    }

    /// <summary>Which model, and what it is asked for.</summary>
    internal sealed class Options : ModelEvaluateOptions
    {
        [Option("lists", MetaValue = "N", Default = 5, HelpText = "Lists of prompts. Default: 5.")]
        public int Lists { get; set; } = 5;

        [Option("temperature", MetaValue = "T", HelpText = "Of the language model's draws; 0: always the likeliest word. Default: 0.6, Llama 2's own.")]
        public double? Temperature { get; set; }

        /// <summary>How it is asked.</summary>
        public PromptWriterOptions Asking
        {
            get
            {
                PromptWriterOptions usual = new();
                return new PromptWriterOptions
                {
                    Count = Count is > 0 and int count ? count : usual.Count,
                    Seed = Seed,
                    Answer = new AnswerOptions { Temperature = Temperature ?? usual.Answer.Temperature, MaximumTokens = usual.Answer.MaximumTokens },
                };
            }
        }

        public override void Require(string verb)
        {
            base.Require(verb);
            RequireAtLeast(verb, "--lists", Lists, 1);
        }
    }
}
