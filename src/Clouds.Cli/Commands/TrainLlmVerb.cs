using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Training.Engine;
using Clouds.Training.Language;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train llm`.</summary>
internal sealed class TrainLlmVerb : ModelTrainVerb<LanguageTrainingConfig>
{
    public override string Name => "train llm";

    public override string Summary => "train a Llama on texts";

    public override string Description =>
        "Trains a Llama of any sizes, from scratch or from --set from=FILE, to foretell the next token. SPEC is a text file, a text a line; each gets the "
        + "tokens of its start and its end, and all stand one behind the other (packed=false: each in a window of its own). Or it is a .jsonl file, a talk a "
        + "line, {\"messages\": [{\"role\": \"user\", \"content\": \"..\"}, {\"role\": \"assistant\", \"content\": \"..\"}]}: talks are written as the "
        + "tokenizer's settings say, and only the last message is learned. Or it is world:texts?count=20000&seed=1: the paper's instruction as `clouds prompts "
        + "--model` asks it, with answers about the wide world. The setting tokenizer names the tokenizer: a tokenizer.json, a tokenizer.model, or a folder "
        + "with one of them; `clouds train tokenizer --form llama` learns one.\n\n"
        + "The model is the folder model in --out, as Hugging Face's library writes one, the tokenizer in it." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train llm writer.json --data prompts.txt --out writer", "As a file says, on a file of prompts."),
        new("clouds train llm writer.json --data world:texts?count=6000 --out writer --set packed=false", "One that writes prompts."),
        new("clouds train llm writer.json --data prompts.txt --out writer --set tokenizer=llama-2-7b --set length=64", "With a published tokenizer."),
    ];

    protected override void Train(
        LanguageTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        if (config.Tokenizer.Length == 0)
        {
            throw new CloudsException(Failure.Usage, "there is no tokenizer", "clouds train llm", null, "the setting tokenizer", "name a file or a folder");
        }

        ChatTokenizer tokenizer = ChatTokenizer.Load(config.Tokenizer, config.Start, config.End);
        TokenizedTexts texts = new(Path.GetFileName(data), TextSource.Read(data), tokenizer);
        new LanguageTrainer(config with { Start = tokenizer.Start, End = tokenizer.End }, texts, options).Run(resume, progress, cancellation);
    }

    protected override string ModelOf(RunFolder folder) => LanguageTrainer.ModelOf(folder);
}
