using System.Globalization;
using System.Runtime.InteropServices;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench networks`.</summary>
internal sealed class BenchNetworksVerb : Verb<BenchNetworksVerb.Options>
{
    public override string Name => "bench networks";

    public override string Summary => "time whole networks against the best matrix product of this machine";

    public override string Description =>
        $"NAME is one of {string.Join(", ", NamedNetwork.Known)}, or a model file of a training; with none, the paper's encoders are timed. Networks "
        + "run as inference runs them, one image at a time, with weights drawn at random: times do not depend on them.\n\n"
        + "In the same run a product of 4096 x 1024 and 1024 x 1024 numbers is timed. Operations are those that a network asks for in matrix products and "
        + "convolutions, two for each multiplication with an addition; the share says how its whole time compares with doing these at the product's speed. "
        + "Medians; samples that had to wait for a processor are taken again. The last column is the most memory that the process has held so far.\n\n"
        + "tools/peers/encoders_torch.py times the same networks in PyTorch, with one line a network of the same fields.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench networks", "Every encoder of the paper at 768 x 768."),
        new("clouds bench networks small --size 512x256 --threads 1", "One network, one thread, another size."),
        new("clouds bench networks sd15_unet --size 512x512 --threads 2 --runs 2", "One call of Stable Diffusion's denoiser."),
        new("clouds bench networks convnext_l --json > today.json", "Save the figures; clouds bench compare sets two such files side by side."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Runs < 1)
        {
            throw new CloudsException(
                Failure.Usage, "the number of samples is wrong", "--runs", options.Runs.ToString(CultureInfo.InvariantCulture), "1 or more");
        }

        int threads = options.LoadSettings().Value.Execution.Threads is > 0 and int wanted ? wanted : Environment.ProcessorCount;
        string[] names = [.. options.Names];
        GraphBuilder[] graphs = [.. (names.Length > 0 ? names : NamedNetwork.Encoders).Select(name => NamedNetwork.Build(Name, name, options.Size))];
        double product = NetworkBench.ProductGigaOperations(threads, options.Runs, context.Cancellation);
        List<NetworkRow> rows = context.Progress.Track(progress => Time(graphs, threads, options.Runs, product, progress, context.Cancellation));
        Write(options, context, product, rows);
        return ExitCodes.Success;
    }

    private static List<NetworkRow> Time(
        GraphBuilder[] graphs, int threads, int runs, double product, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        List<NetworkRow> rows = [];
        foreach (GraphBuilder graph in graphs)
        {
            rows.Add(NetworkBench.Run(graph, Device.Cpu, threads, runs, product, cancellation));
            progress?.Report(new ProgressReport("bench", rows.Count, graphs.Length));
        }

        return rows;
    }

    private static void Write(Options options, VerbContext context, double product, List<NetworkRow> rows)
    {
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { System = RuntimeInformation.OSDescription, ProductGigaOperations = product, Networks = rows }));
            return;
        }

        TextTable.Write(context.Console,
            ["network", "input", "threads", "ms median", "ms best", "quiet", "GMAC", "Gop/s", "of the best product", "peak MiB"], rows.Select(Row));
        context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"best matrix product: {product:0} Gop/s on {rows[0].Threads} threads"));
    }

    private static string[] Row(NetworkRow row) =>
    [
        row.Network, row.Problem, $"{row.Threads}", Number(row.MsMedian), Number(row.MsMin), $"{row.Quiet}/{row.Runs}", Number(row.MultiplyAdds / 1e9),
        Number(row.GigaOperationsPerSecond), row.ProductShare.ToString("0 %", CultureInfo.InvariantCulture), $"{row.PeakBytes >> 20}",
    ];

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>What to time.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "NAME", HelpText = "Networks.")]
        public IEnumerable<string> Names { get; set; } = [];

        [Option("size", MetaValue = "WIDTHxHEIGHT", Default = "768x768", HelpText = "Size of the image, multiples of 32. Default: 768x768.")]
        public string Size { get; set; } = "768x768";

        [Option("threads", MetaValue = "N", HelpText = "Threads. Default: execution.threads of the configuration; where that is 0, one a processor.")]
        public int? Threads { get; set; }

        [Option("runs", MetaValue = "N", Default = 5, HelpText = "Samples of each figure. Default: 5.")]
        public int Runs { get; set; } = 5;

        protected override IEnumerable<string> Shorthands => Threads is null ? base.Shorthands : [.. base.Shorthands, $"execution.threads={Threads}"];
    }
}
