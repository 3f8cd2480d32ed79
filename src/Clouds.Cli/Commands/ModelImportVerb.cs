using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Language;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model import`.</summary>
internal sealed class ModelImportVerb : Verb<ModelImportVerb.Options>
{
    private const string Ending = ".safetensors";

    public override string Name => "model import";

    public override string Summary => "make a model of a published weight file";

    public override string Description =>
        "Reads a file of weights of another program, in any container that `clouds model card` knows, and finds out from its tensors, not from its name, which "
        + "published model of the catalogue it is (`clouds model list`). The report says what matches, what is missing, mis-shaped or unexpected, each with "
        + "the nearest name, which types there are, what is not finite, the licence, and whether the file is one that was published, byte by byte.\n\n"
        + "A file that fits is written under our names as one safetensors file, with the report in its metadata. training.encoder.weights takes it, "
        + "and `clouds model card` shows where it comes from. Encoders of sizes that nobody has published are told from their tensors; other files "
        + "are taken as they are, where a table of names knows their program.\n\n"
        + "A checkpoint of a whole segmenter (CLOUDS, FC-CLIP, Mask2Former) becomes a model that segment, evaluate and train --from take: its network is told "
        + "from its tensors; where it compares with the names of classes, these are embedded by the text tower in the checkpoint. --classes names others than "
        + "the 19 of Cityscapes: " + SegmenterImport.ListHelp + "\n\n"
        + "A folder as diffusers writes it needs no import: `clouds generate` takes it as it is, and what becomes of one file with all networks under its "
        + "authors' names. Nor does a language model's folder, which `clouds prompts` takes.\n\n"
        + "With --quantize FILE is the folder of a language model, a Llama, as Hugging Face publishes it. What is written is one file with its tokenizer and "
        + "its settings, which `clouds prompts` takes in the folder's place: each matrix in 4 or 8 bits, 32 weights to a scale; lm_head, which chooses the "
        + "words, in 8 always; the table of words in half precision. A model of 7B parameters then takes 4.5 GB. Shards are read one matrix at a time.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model import RN50.pt", "Write clip_rn50.safetensors beside it."),
        new("clouds model import model_final.pth --check", "Say what it is, and write nothing."),
        new("clouds model import fcclip.pth --classes pets.txt --out pets.safetensors", "A segmenter that answers with classes of one's own."),
        new("clouds model import Llama-2-7b-chat-hf --quantize int4", "A language model: write Llama-2-7b-chat-hf.int4.safetensors beside its folder."),
        new("clouds model import weights.bin --as open_clip_convnext_large_d_320 -o encoder.safetensors", "Where several models have the same tensors."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "the file may be one of several models and --as does not say which, or the output exists already",
        [(int)Failure.Weights] = "the file is damaged, or does not hold what the model needs; nothing was written",
        [(int)Failure.Numeric] = "a weight is not finite; nothing was written",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Quantize is not null || options.Asymmetric)
        {
            LanguageImport.Run(options, context);
            return ExitCodes.Success;
        }

        using ModelImport import = context.Progress.Track(progress =>
            ModelImport.Open(options.File, options.Catalogue, options.Entry, progress, context.Cancellation));
        string? output = options.Check || !import.Report.IsUsable ? null : Output(options, import.Report);
        ModelDescription? segmenter = import.Report.IsUsable ? SegmenterImport.Run(import, options, output, context) : null;
        if (output is not null && segmenter is null)
        {
            context.Progress.Track(progress => import.Write(output, progress, context.Cancellation));
            WarnOfLanguageModel(options.File, output, context);
        }

        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(ImportText.Document(import.Report, output, segmenter)));
        }
        else
        {
            ImportText.Write(import.Report, output, segmenter, context);
        }

        import.RequireUsable();
        return ExitCodes.Success;
    }

    private static void WarnOfLanguageModel(string file, string output, VerbContext context)
    {
        if (LanguageModelImport.IsLanguageModel(file))
        {
            context.Progress.Warn($"{output} has the weights alone; the settings and the tokenizer of a language model stay in its folder, which "
                + "`clouds prompts` takes as it is. --quantize makes one file of all");
        }
    }

    private static string Output(Options options, ImportReport report) => Output(options, Stem(options, report));

    // Before the long work of writing; a file of somebody's is never replaced unasked.
    internal static string Output(Options options, string stem)
    {
        string path = options.Out
            ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(options.File)))!, stem + Ending);
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new CloudsException(Failure.Usage, "the imported model has another ending than its format", path, Path.GetExtension(path), Ending,
                $"name it NAME{Ending}");
        }

        return !File.Exists(path) || options.Overwrite
            ? path
            : throw new CloudsException(Failure.Usage, "a file of this name is there already", path, next: "name another with --out, or give --overwrite");
    }

    private static string Stem(Options options, ImportReport report) =>
        report.Entry?.Name ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(options.File));

    /// <summary>What to import.</summary>
    internal sealed class Options : SegmenterImportOptions
    {
        [Value(0, MetaName = "FILE", Required = true, HelpText = "A file of weights, an index of shards, or a folder that holds either.")]
        public string File { get; set; } = "";

        [Option('o', "out", MetaValue = "FILE", HelpText = "The model to write. Default: beside FILE, named after the published model.")]
        public string? Out { get; set; }

        [Option("as", MetaValue = "NAME", HelpText = "The published model that it is. Default: its tensors tell.")]
        public string? Entry { get; set; }

        [Option("check", HelpText = "Only report; write nothing.")]
        public bool Check { get; set; }

        [Option("quantize", MetaValue = "int4|int8", HelpText = "FILE is a language model's folder: write it with its matrices in few bits.")]
        public string? Quantize { get; set; }

        [Option("asymmetric", HelpText = "With --quantize: a zero of their own for each 32 weights. 3 % more bytes, smaller errors.")]
        public bool Asymmetric { get; set; }

        [Option("overwrite", HelpText = "Replace the output where it exists.")]
        public bool Overwrite { get; set; }
    }
}
