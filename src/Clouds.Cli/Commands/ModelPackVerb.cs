using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Runs;
using Clouds.Diagnostics;
using Clouds.Training.Packing;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model pack`.</summary>
internal sealed class ModelPackVerb : Verb<ModelPackVerb.Options>
{
    public override string Name => "model pack";

    public override string Summary => "keep a trained foundation model: half precision, card, page";

    public override string Description =>
        "Takes of the folder of a training (`clouds train clip`, sam, vae, diffusion, llm) what is needed to use its model and writes it to --out: weights in "
        + "half precision, configurations and tokenizer, settings.json with the settings of the training, card.json (what it is, data, seed, steps, hours, the "
        + "command that makes it again, files with their digests, quality) and README.md, the same for people.\n\n"
        + "Quality is what `clouds evaluate clip|sam|vae|diffusion|llm --out DIR` wrote: --evaluation DIR, or else the run's folder. The packed model may "
        + "be measured itself and packed once more with it. Everything takes the result that takes the run's model: training.encoder.weights and generate "
        + "--clip a CLIP, --sam a Segment Anything, generate --model a diffusion, prompts --model a Llama.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model pack clip --out kept/clip", "Of the run in the folder clip."),
        new("clouds model pack clip --out kept/clip --evaluation judged --overwrite", "Once more, with what was measured."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "the folder is no such run, or its training has written no model yet",
        [(int)Failure.Numeric] = "a weight has no place in half precision",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        RequireNew(options);
        PackedCard card = PackedModel.Write(options.Folder, options.Out, options.Data ?? RecordedData(options.Folder), options.Evaluation);
        string sizes = string.Create(CultureInfo.InvariantCulture, $"{card.Parameters / 1e6:0.00} million parameters, {card.Bytes / 1e6:0.00} MB");
        context.Out.WriteLine(options.Json ? JsonText.Line(new { folder = options.Out, card }) : $"{options.Out}: {card.Title}, {sizes}");
        return ExitCodes.Success;
    }

    private static string? RecordedData(string run) =>
        RunDescription.Find(run, out _)?.Settings.FirstOrDefault(setting => setting.Key == ModelRunRecord.Data)?.Value;

    private static void RequireNew(Options options)
    {
        bool own = File.Exists(Path.Combine(options.Out, PackedCard.FileName));
        if (Directory.Exists(options.Out) && Directory.EnumerateFileSystemEntries(options.Out).FirstOrDefault() is string used && !(own && options.Overwrite))
        {
            throw new CloudsException(Failure.Usage, "the folder is not empty", options.Out, Path.GetFileName(used), "a new or an empty folder",
                own ? "give --overwrite to pack the model once more, or choose another --out" : "choose another --out");
        }
    }

    /// <summary>What to pack, and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "RUN", Required = true, HelpText = "Folder of the training.")]
        public string Folder { get; set; } = "";

        [Option('o', "out", MetaValue = "DIR", Required = true, HelpText = "The folder to write.")]
        public string Out { get; set; } = "";

        [Option("data", MetaValue = "SPEC", HelpText = "What it has learned from, for runs of versions that did not record it.")]
        public string? Data { get; set; }

        [Option("evaluation", MetaValue = "DIR", HelpText = "Folder with evaluation.json, and sheet.png if there is one. Default: RUN.")]
        public string? Evaluation { get; set; }

        [Option("overwrite", HelpText = "Pack once more into a folder that holds a packed model.")]
        public bool Overwrite { get; set; }
    }
}
