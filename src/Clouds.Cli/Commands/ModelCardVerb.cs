using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Graph.Weights;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model card`.</summary>
internal sealed class ModelCardVerb : Verb<ModelCardVerb.Options>
{
    public override string Name => "model card";

    public override string Summary => "say what is in a weight file";

    public override string Description =>
        "Reads a file of weights (safetensors, or its index of shards; what torch.save wrote, in the zip and the legacy container; TorchScript; ONNX) and "
        + "prints its format, size, whose names its tensors have, licence and metadata where it has them, and how many tensors and parameters there are of "
        + "each type. Nothing in the file is run. With --tensors every tensor is read and listed: its name (nested keys joined by dots), type, shape, the "
        + "SHA-256 of its elements in C order, little-endian, and their sum in double precision.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model card RN50.pt", "What an unknown file is."),
        new("clouds model card model.pth --tensors --json", "Every tensor, to compare with another file."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        foreach (string part in WeightFolder.Parts(options.File))
        {
            Show(part, options, context);
        }

        return ExitCodes.Success;
    }

    private static void Show(string file, Options options, VerbContext context)
    {
        using WeightSource source = WeightSource.Open(file);
        WeightCard card = WeightCard.Of(source);
        IReadOnlyList<TensorDigest>? tensors = options.Tensors
            ? context.Progress.Track(progress => TensorDigest.Of(source, progress, context.Cancellation))
            : null;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new
            {
                card.Path, card.Format, card.Bytes, card.Dialect, card.Below, card.Licence, card.Metadata, card.Parameters, card.Dtypes,
                tensorCount = card.Tensors, tensors,
            }));
        }
        else
        {
            Print(card, tensors, context);
        }
    }

    private static void Print(WeightCard card, IReadOnlyList<TensorDigest>? tensors, VerbContext context)
    {
        string names = card.Dialect is null ? "unknown" : card.Below.Length > 0 ? $"{card.Dialect}, below '{card.Below}'" : card.Dialect;
        TextTable.Write(context.Console, ["file", card.Path],
        [
            ["format", card.Format],
            ["size", $"{Grouped(card.Bytes)} bytes"],
            ["names", names],
            ["licence", card.Licence ?? "not said"],
            ["tensors", $"{Grouped(card.Tensors)} with {Grouped(card.Parameters)} parameters"],
            .. card.Dtypes.Select(dtype => new[]
            {
                $"  {dtype.Dtype}", $"{Grouped(dtype.Tensors)} with {Grouped(dtype.Parameters)}, {Grouped(dtype.Bytes)} bytes",
            }),
            .. card.Metadata.Select(entry => new[] { entry.Key, entry.Value.ReplaceLineEndings(" ") }),
        ]);
        if (tensors is not null)
        {
            context.Out.WriteLine();
            TextTable.Write(context.Console, ["tensor", "type", "shape", "sum", "sha256"], tensors.Select(tensor => new[]
            {
                tensor.Name.Length > 0 ? tensor.Name : "(the file is one tensor)", tensor.Dtype, $"[{string.Join(", ", tensor.Shape)}]",
                tensor.Sum.ToString("R", CultureInfo.InvariantCulture), tensor.Sha256,
            }));
        }
    }

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What to look at.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "FILE", Required = true, HelpText =
            "A file of weights, an index of shards, or a folder that holds either; of diffusers' folder, each network's.")]
        public string File { get; set; } = "";

        [Option("tensors", HelpText = "Read and list every tensor.")]
        public bool Tensors { get; set; }
    }
}
