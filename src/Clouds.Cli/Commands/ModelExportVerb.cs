using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Portable;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model export`.</summary>
internal sealed class ModelExportVerb : Verb<ModelExportVerb.Options>
{
    private const string Open = "dynamic";

    public override string Name => "model export";

    public override string Summary => "write a network as an ONNX file for any program";

    public override string Description =>
        "Writes a network of a model or weight file as one ONNX file with the standard's operators alone, so that any runtime runs it. Before the file gets "
        + "its name it is run in a plain session of ONNX Runtime and compared with our own session in single precision, for batches of 1 and 3 and images of "
        + "two shapes where the file leaves these open; a file that answers otherwise is not kept.\n\n"
        + $"--network: segmenter, the whole network of a model (class and mask logits of its queries); encoder, its image encoder alone; "
        + $"{string.Join(", ", ModelExport.Networks.Except(["segmenter", "encoder"]))}: a published encoder, CLIP's text tower with the exact GELU or "
        + "OpenAI's quick one, or Segment Anything's image encoder, of whose weights FILE is. Networks of Stable Diffusion and language models "
        + "are not exported: `clouds generate` and `clouds prompts` run them.\n\n"
        + "A segmenter's file says in its metadata (clouds.preprocessing, JSON) how images become its input: resize rule, colour order, mean, deviation, "
        + "padding, and the classes with their colours. `clouds segment` and `evaluate` take such a file in a model's place, and refuse one whose metadata "
        + "are missing, damaged, or do not fit its graph.\n\n"
        + "Half precision: matrix products and convolutions, what follows them element by element, and their weights; residuals, normalisation, softmax, "
        + "positions and the thresholds of masks stay in single precision, and so do inputs and outputs.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model export run/model.safetensors --out street.onnx", "A segmenter for images of any size."),
        new("clouds model export run/model.safetensors --out street.onnx --size 2048x1024 --batch 1 --precision fp16", "For one size, half as large."),
        new("clouds model export RN50.pt --network clip_rn50 --out encoder.onnx", "A published encoder alone."),
        new("clouds model export model.safetensors --network encoder --out encoder.onnx --opset 18", "For a runtime that knows older operators only."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Numeric] = "the file answers otherwise than our own session, or a weight does not fit half precision; nothing was written",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        (int? width, int? height) = SizeOf(options.Size);
        ExportOptions export = new()
        {
            Network = options.Network,
            Batch = BatchOf(options.Batch),
            Width = width,
            Height = height,
            HalfPrecision = IsHalf(options.Precision),
            Opset = options.Opset,
            DataBeside = options.ExternalData,
            WithScores = options.Scores,
            Tolerance = options.Tolerance,
            Threads = options.LoadSettings().Value.Execution.Threads,
        };
        ExportReport report = context.Progress.Track(progress =>
            ModelExport.Write(options.File, options.Out, export, progress, context.Cancellation));
        Write(report, options.Json, context);
        return ExitCodes.Success;
    }

    private static void Write(ExportReport report, bool json, VerbContext context)
    {
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(report));
            return;
        }

        IEnumerable<string[]> rows = report.Differences.Select(difference => new[]
        {
            difference.Output, difference.Inputs, Short(difference.Largest), Short(difference.OfLargest), Short(difference.OfLength),
        });
        TextTable.Write(context.Console, ["output", "inputs", "largest difference", "of the largest", "of the length"], rows);
        context.Out.WriteLine($"{report.Path}: {report.Kind}, {report.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes"
            + (report.Data is null ? "" : $" with {report.Data}") + $"; accepted: {Short(report.Tolerance)} of the length");
    }

    private static string Short(double number) => number.ToString("G3", CultureInfo.InvariantCulture);

    private static int? BatchOf(string batch) => batch == Open ? null
        : int.TryParse(batch, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw Wrong("--batch", batch, $"a number, or {Open}");

    private static (int? Width, int? Height) SizeOf(string size)
    {
        if (size == Open)
        {
            return (null, null);
        }

        string[] parts = size.Split('x');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            ? (width, height)
            : throw Wrong("--size", size, $"WIDTHxHEIGHT, for instance 2048x1024, or {Open}");
    }

    private static bool IsHalf(string precision) => precision switch
    {
        "fp16" => true,
        "fp32" => false,
        _ => throw Wrong("--precision", precision, "fp32 or fp16"),
    };

    private static CloudsException Wrong(string option, string found, string expected) =>
        new(Failure.Usage, "an option has no such value", $"clouds model export {option}", $"'{found}'", expected, "correct the option");

    /// <summary>What to export, and how.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "FILE", Required = true,
            HelpText = "A model of `clouds train` or `clouds model import`, or a weight file that holds the network.")]
        public string File { get; set; } = "";

        [Option('o', "out", MetaValue = "FILE", Required = true, HelpText = "The ONNX file to write; it replaces what stands there.")]
        public string Out { get; set; } = "";

        [Option("network", MetaValue = "NAME", Default = "segmenter", HelpText = "Which network. Default: segmenter.")]
        public string Network { get; set; } = "segmenter";

        [Option("size", MetaValue = "WIDTHxHEIGHT|dynamic", Default = Open,
            HelpText = "Size of the images, multiples of 32. Default: dynamic, any such size.")]
        public string Size { get; set; } = Open;

        [Option("batch", MetaValue = "N|dynamic", Default = Open, HelpText = "Images or texts at a time. Default: dynamic, any number.")]
        public string Batch { get; set; } = Open;

        [Option("precision", MetaValue = "fp32|fp16", Default = "fp32", HelpText = "Precision of products and their weights. Default: fp32.")]
        public string Precision { get; set; } = "fp32";

        [Option("opset", MetaValue = "N", Default = 21, HelpText = "Version of ONNX's operators, 18 to 21. Default: 21.")]
        public int Opset { get; set; } = 21;

        [Option("external-data", HelpText = "Put the weights into a file beside the model; above 2 GB they are put there anyway.")]
        public bool ExternalData { get; set; }

        [Option("scores", HelpText = "Let a segmenter also answer with the scores of all classes for every pixel (class_scores).")]
        public bool Scores { get; set; }

        [Option("tolerance", MetaValue = "SHARE", HelpText =
            "Largest difference from our own session that is accepted, as a share of the answer's length. Default: 0.001, in half precision 0.05.")]
        public double? Tolerance { get; set; }
    }
}
