using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Graph.Diagnostics;
using Clouds.Native.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench kernels`.</summary>
internal sealed class BenchKernelsVerb : Verb<BenchKernelsVerb.Options>
{
    public override string Name => "bench kernels";

    public override string Summary => "time the hand-written kernels against this machine's roofs";

    public override string Description =>
        "Measures in one run what memory and arithmetic of this machine give at most, and then every kernel on the processor: bytes that have "
        + "to move at least over the time they took, and the share of what the roofline allows. Medians; samples that had to wait for a "
        + "processor are taken again, and the column 'quiet' says how many of the kept ones did not.\n\n"
        + "With --maps it times connected components on the maps of a folder instead (index.json and raw bytes, as other contenders read them) "
        + "and, with --json, prints one line a map and way: map, peer, result, ms_median, ms_min, mpx_s, runs.\n\n"
        + "Figures of a shared machine move by a tenth and more from hour to hour: compare what was measured side by side.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench kernels --html kernels.html", "Every kernel, with one page that draws the roofline."),
        new("clouds bench kernels --json > today.json", "Save the figures; compare them later with --baseline or clouds bench compare."),
        new("clouds bench kernels --maps maps --json --threads 1", "Connected components on given maps, one JSON object a line."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        IReadOnlyList<int> threads = Threads(options.Threads);
        IReadOnlyDictionary<string, double>? baseline = options.Baseline is null ? null : BenchComparison.Read(options.Baseline);
        if (options.Runs < 1)
        {
            throw new CloudsException(Failure.Usage, "the number of samples is wrong", "--runs", options.Runs.ToString(CultureInfo.InvariantCulture), "1 or more");
        }

        if (options.Maps is not null)
        {
            RunMaps(options, options.Maps, threads, baseline, context);
        }
        else
        {
            RunKernels(options, threads, baseline, context);
        }

        return ExitCodes.Success;
    }

    private static int[] Threads(int? wanted) => wanted switch
    {
        null => Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount],
        >= 1 => [wanted.Value],
        _ => throw new CloudsException(Failure.Usage, "the number of threads is wrong", "--threads", wanted.Value.ToString(CultureInfo.InvariantCulture), "1 or more"),
    };

    private static void RunKernels(Options options, IReadOnlyList<int> threads, IReadOnlyDictionary<string, double>? baseline, VerbContext context)
    {
        KernelReport report = context.Progress.Track(progress => KernelBench.Run(threads, options.Runs, options.Quick, progress, context.Cancellation));
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Document(report));
        }
        else
        {
            TextTable.Write(context.Console, KernelTable.RoofColumns, report.Roofs.Select(KernelTable.RoofRow));
            TextTable.Write(context.Console, KernelTable.Columns(baseline is not null), report.Kernels.Select(row => KernelTable.Row(row, baseline)));
        }

        if (options.Html is not null)
        {
            RooflinePage.Make(report, baseline).Save(options.Html);
        }
    }

    private static void RunMaps(Options options, string folder, IReadOnlyList<int> threads, IReadOnlyDictionary<string, double>? baseline, VerbContext context)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (LabellingRow row in LabellingBench.Run(LabellingBench.Read(folder), threads, options.Runs, context.Cancellation))
        {
            if (options.Json)
            {
                context.Out.WriteLine(KernelTable.JsonLine(row));
            }

            rows.Add(KernelTable.Row(row, baseline));
        }

        if (!options.Json)
        {
            TextTable.Write(context.Console, KernelTable.MapColumns(baseline is not null), rows);
        }

        if (options.Html is not null)
        {
            new HtmlReport("Connected components").AddTable(KernelTable.MapColumns(baseline is not null), rows).Save(options.Html);
        }
    }

    /// <summary>What to time.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("maps", MetaValue = "DIR", HelpText = "Time connected components on the maps of this folder instead.")]
        public string? Maps { get; set; }

        [Option("threads", MetaValue = "N", HelpText = "Only this number of threads. Default: one, and one a processor.")]
        public int? Threads { get; set; }

        [Option("runs", MetaValue = "N", Default = 9, HelpText = "Samples of each figure.")]
        public int Runs { get; set; } = 9;

        [Option("quick", HelpText = "Small problems that stay in the cache: a look, not a measurement.")]
        public bool Quick { get; set; }

        [Option("baseline", MetaValue = "FILE", HelpText = "Saved output of --json; adds the speed relative to it.")]
        public string? Baseline { get; set; }

        [Option("html", MetaValue = "FILE", HelpText = "Write one page with the tables and the roofline.")]
        public string? Html { get; set; }
    }
}
