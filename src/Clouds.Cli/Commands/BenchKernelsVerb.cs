using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Verification.Benchmarks;
using Clouds.Verification.Kernels;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench kernels`.</summary>
/// <param name="toolchain">Where compiled kernels come from.</param>
/// <param name="emulate">Starts the driver of the emulated GPU that counts bytes.</param>
internal sealed class BenchKernelsVerb(KernelToolchain toolchain, Func<EmulationSettings, IEmulatedDriver> emulate) : Verb<BenchKernelsVerb.Options>
{
    private static readonly TimeSpan LongestForMaps = TimeSpan.FromSeconds(90);

    public override string Name => "bench kernels";

    public override string Summary => "time the hand-written kernels against this machine's roofs";

    public override string Description =>
        "Measures in one run what memory and arithmetic of this machine give at most, and then every kernel: bytes that have "
        + "to move at least over the time they took, and the share of what the roofline allows. On a GPU (--device cuda, or auto where one "
        + "works) the CUDA kernels are timed by its events, the second-level cache full of other data before each run; otherwise the processor's "
        + "kernels. Medians; samples that had to wait for a processor are taken again, and the column 'quiet' says how many of the kept ones did not.\n\n"
        + "Where NVRTC is found, an emulated GPU counts the 32-byte sectors that every CUDA kernel asks for, beside the least that its card names; "
        + "nothing is cached in that count, so it is what a kernel asks of caches and memory together. --no-emulated leaves this out.\n\n"
        + "With --maps it times connected components on the maps of a folder instead (index.json and raw bytes, as other contenders read them) "
        + "and, with --json, prints one line a map and way: map, peer, result, ms_median, ms_min, mpx_s, runs. All maps together take 90 seconds at "
        + "most: where that is too short to take disturbed samples again, the row says 'cut'.\n\n"
        + "Figures of a shared machine move by a tenth and more from hour to hour: compare what was measured side by side.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench kernels --html kernels.html", "Every kernel, with one page that draws the roofline."),
        new("clouds bench kernels --json > today.json", "Save the figures; compare them later with --baseline or clouds bench compare."),
        new("clouds bench kernels --device cuda", "The CUDA kernels on this machine's GPU."),
        new("clouds bench kernels --maps maps --json --threads 1", "Connected components on given maps, one JSON object a line."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        IReadOnlyList<int> threads = Threads(options.LoadSettings().Value.Execution.Threads);
        IReadOnlyDictionary<string, BenchFigure>? baseline = options.Baseline is null ? null : BenchComparison.Read(options.Baseline);
        if (options.Runs < 1)
        {
            throw new CloudsException(
                Failure.Usage, "the number of samples is wrong", "--runs", options.Runs.ToString(CultureInfo.InvariantCulture), "1 or more");
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

    private static int[] Threads(int wanted) => wanted > 0 ? [wanted] : Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];

    private void RunKernels(Options options, IReadOnlyList<int> threads, IReadOnlyDictionary<string, BenchFigure>? baseline, VerbContext context)
    {
        KernelReport report = Time(options, threads, context);
        report = options.NoEmulated ? report : report with { Counted = Count(context) };
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(report));
        }
        else
        {
            KernelTable.Write(context, report, baseline);
        }

        if (options.Html is not null)
        {
            RooflinePage.Make(report, baseline).Save(options.Html);
        }
    }

    private KernelReport Time(Options options, IReadOnlyList<int> threads, VerbContext context)
    {
        using KernelMachine? gpu = KernelMachine.Open(options.LoadSettings().Value.Execution.Device, toolchain, context.Progress.Warn);
        return context.Progress.Track(progress => gpu is null
            ? KernelBench.Run(threads, options.Runs, options.Quick, progress, context.Cancellation)
            : KernelReport.Empty with { Gpu = new GpuBench(gpu.Gpu, options.Runs, options.Quick).Run(progress, context.Cancellation) });
    }

    private IReadOnlyList<CountedBytes>? Count(VerbContext context)
    {
        try
        {
            return context.Progress.Track(
                progress => ByteCounting.Run(toolchain, emulate, progress, context.Cancellation));
        }
        catch (CloudsException noCompiler) when (noCompiler.Failure == Failure.Device)
        {
            context.Progress.Warn($"bytes were not counted: {noCompiler.What}; clouds kernels verify --device emulated says more");
            return null;
        }
    }

    private static void RunMaps(
        Options options, string folder, IReadOnlyList<int> threads, IReadOnlyDictionary<string, BenchFigure>? baseline, VerbContext context)
    {
        int cut = 0;
        List<IReadOnlyList<string>> rows = [];
        foreach (LabellingRow row in LabellingBench.Run(LabellingBench.Read(folder), threads, options.Runs, LongestForMaps, context.Cancellation))
        {
            cut += row.Time.Cut ? 1 : 0;
            if (options.Json)
            {
                context.Out.WriteLine(KernelTable.JsonLine(row));
            }

            rows.Add(KernelTable.Row(row, baseline));
        }

        if (cut > 0)
        {
            context.Progress.Warn(
                $"{cut} of {rows.Count} rows were cut: {LongestForMaps.TotalSeconds} seconds do not do for all samples on a machine this busy");
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

        [Option("threads", MetaValue = "N", HelpText =
            "Only this number of threads. Default: execution.threads of the configuration; where that is 0, one thread, and one a processor.")]
        public int? Threads { get; set; }

        [Option("runs", MetaValue = "N", Default = 9, HelpText = "Samples of each figure.")]
        public int Runs { get; set; } = 9;

        [Option("quick", HelpText = "Small problems that stay in the cache: a look, not a measurement.")]
        public bool Quick { get; set; }

        [Option("baseline", MetaValue = "FILE", HelpText = "Saved output of --json; adds the speed relative to it.")]
        public string? Baseline { get; set; }

        [Option("no-emulated", HelpText = "Do not count bytes on an emulated GPU.")]
        public bool NoEmulated { get; set; }

        [Option("html", MetaValue = "FILE", HelpText = "Write one page with the tables and the roofline.")]
        public string? Html { get; set; }

        protected override IEnumerable<string> Shorthands => Threads is null ? base.Shorthands : [.. base.Shorthands, $"execution.threads={Threads}"];
    }
}
