using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;
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
        + "tokens of its start and its end, and all stand one behind the other. The setting tokenizer names the tokenizer: a tokenizer.json, a "
        + "tokenizer.model, or a folder with one of them.\n\n"
        + "The model is the folder model in --out, as Hugging Face's library writes one, the tokenizer in it." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train llm writer.json --data prompts.txt --out writer", "As a file says, on a file of prompts."),
        new("clouds train llm writer.json --data prompts.txt --out writer --set tokenizer=llama-2-7b --set length=64", "With a published tokenizer."),
    ];

    protected override void Train(
        LanguageTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        if (config.Tokenizer.Length == 0)
        {
            throw new CloudsException(Failure.Usage, "there is no tokenizer", "clouds train llm", null, "the setting tokenizer", "name a file or a folder");
        }

        LanguageTokenizer tokenizer = LanguageTokenizer.Load(config.Tokenizer);
        int start = tokenizer.Start ?? config.Start;
        TokenizedTexts texts = new(Path.GetFileName(data), Lines(data), text => [start, .. tokenizer.Encode(text), config.End]);
        new LanguageTrainer(config, texts, options).Run(resume, progress, cancellation);
    }

    protected override string ModelOf(RunFolder folder) => LanguageTrainer.ModelOf(folder);

    private static string[] Lines(string file)
    {
        string[] lines = File.Exists(file) ? [.. File.ReadLines(file).Where(line => line.Trim().Length > 0)] : throw Wrong(file, "nothing there");
        return lines.Length > 0 ? lines : throw Wrong(file, "no text");
    }

    private static CloudsException Wrong(string file, string found) =>
        new(Failure.BadInput, "the texts cannot be used", file, found, "a text file, a text a line", "name another file");
}
