using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds graph show`.</summary>
internal sealed class GraphShowVerb : Verb<GraphShowVerb.Options>
{
    public override string Name => "graph show";

    public override string Summary => "print a network block by block: shapes, parameters, work, memory";

    public override string Description =>
        $"NAME is one of the paper's encoders ({string.Join(", ", EncoderConfig.Published.Keys)}), one of Segment Anything's "
        + $"({string.Join(", ", NamedNetwork.SamEncoders)}), a whole segmenter (paper, small; {NamedNetwork.Classes} classes), "
        + "or a model file, an exported segmenter too.\n\n"
        + "Blocks are named as the network's parameters are. MMAC counts millions of multiplications with an addition, two flops each, in matrix products "
        + "and convolutions, which are nearly all the work. Memory is that of 32-bit numbers: the weights, and the most that lies between the nodes at a time "
        + "while ONNX Runtime runs the network without gradients.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds graph show convnext_l --size 768x768", "What the paper's encoder costs for one training image."),
        new("clouds graph show small --layers", "Every layer of the small segmenter."),
        new("clouds graph show run/model.safetensors --size 2048x1024 --json", "A trained model, for scripts."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        GraphBuilder graph = NamedNetwork.Build(Name, options.Name, options.Size, options.Batch);
        IReadOnlyList<BlockSummary> blocks = BlockSummary.Of(graph, options.Layers);
        long weights = graph.Parameters.Where(parameter => parameter.IsRead).Sum(parameter => MemoryPlan.BytesOf(parameter.Value));
        long activations = MemoryPlan.Of(graph).PeakBytes;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new
            {
                options.Name,
                Blocks = blocks.Select(b => new { b.Name, Output = b.Output.Sizes, b.Parameters, b.MultiplyAdds }),
                WeightBytes = weights,
                ActivationBytes = activations,
            }));
            return ExitCodes.Success;
        }

        TextTable.Write(context.Console, ["block", "output", "parameters", "MMAC"], blocks.Select(Row));
        context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Name}: {blocks.Sum(b => b.Parameters):N0} parameters, ")
            + string.Create(CultureInfo.InvariantCulture, $"{blocks.Sum(b => b.MultiplyAdds) / 1e9:F1} billion multiply-adds, ")
            + string.Create(CultureInfo.InvariantCulture, $"weights {weights / 1e6:N0} MB, activations {activations / 1e6:N0} MB at most"));
        return ExitCodes.Success;
    }

    private static IReadOnlyList<string> Row(BlockSummary block) =>
    [
        block.Name,
        $"{block.Output}",
        block.Parameters.ToString("N0", CultureInfo.InvariantCulture),
        (block.MultiplyAdds / 1e6).ToString("N1", CultureInfo.InvariantCulture),
    ];

    /// <summary>What to show.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "NAME", Required = true, HelpText = "The network.")]
        public string Name { get; set; } = "";

        [Option("size", MetaValue = "WIDTHxHEIGHT", Default = "768x768", HelpText = "Size of the image, multiples of 32. Default: 768x768.")]
        public string Size { get; set; } = "768x768";

        [Option("batch", MetaValue = "N", Default = 1, HelpText = "Images at a time. Default: 1.")]
        public int Batch { get; set; } = 1;

        [Option("layers", HelpText = "A row for every layer, not for every block.")]
        public bool Layers { get; set; }
    }
}
