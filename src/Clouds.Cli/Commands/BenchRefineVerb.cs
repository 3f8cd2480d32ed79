using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench refine`.</summary>
internal sealed class BenchRefineVerb : Verb<BenchRefineVerb.Options>
{
    public override string Name => "bench refine";

    public override string Summary => "time the refinement of a label map, without the network that makes its masks";

    public override string Description =>
        "Refines a made-up scene of street-like regions with masks that are there already: components, points, the merge of the masks, the record. "
        + "Beside it the same is done as the paper's released code does it (class by class, a dense mask for each component, every mask at full size), "
        + "in C# and with its resizes on as many threads; both have to give the same map. Medians; samples that had to wait for a processor are taken "
        + "again, and the column 'quiet' says how many of the kept ones did not.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench refine", "30 masks at 768 x 768, one thread and one a processor."),
        new("clouds bench refine --size 1024 --masks 100 --threads 2 --json", "Another size, as one JSON document."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        Require("--size", options.Size is >= 32 and <= 4096, options.Size, "32..4096 pixels");
        Require("--masks", options.Masks is >= 1 and <= 500, options.Masks, "1..500");
        Require("--runs", options.Runs >= 1, options.Runs, "1 or more");
        int wanted = options.LoadSettings().Value.Execution.Threads;
        int[] threads = wanted > 0 ? [wanted] : Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];
        RefinementReport report = RefinementBench.Run(options.Size, options.Masks, threads, options.Runs, context.Cancellation);
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(report));
            return ExitCodes.Success;
        }

        TextTable.Write(context.Console, ["way", "threads", "ms", "best", "quiet"], report.Rows.Select(Row));
        context.Out.WriteLine($"{report.Masks} masks at {report.Size} x {report.Size}, {report.Components} components");
        return ExitCodes.Success;
    }

    private static string[] Row(RefinementRow row) =>
    [
        row.Way, row.Threads.ToString(CultureInfo.InvariantCulture), row.MsMedian.ToString("0.00", CultureInfo.InvariantCulture),
        row.MsMin.ToString("0.00", CultureInfo.InvariantCulture), $"{row.Quiet} of {row.Runs}",
    ];

    private static void Require(string option, bool holds, int found, string expected)
    {
        if (!holds)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", option, found.ToString(CultureInfo.InvariantCulture), expected);
        }
    }

    /// <summary>What to time.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("size", MetaValue = "N", Default = 768, HelpText = "Side of the map in pixels.")]
        public int Size { get; set; } = 768;

        [Option("masks", MetaValue = "N", Default = 30, HelpText = "Components that get a mask.")]
        public int Masks { get; set; } = 30;

        [Option("threads", MetaValue = "N", HelpText =
            "Only this number of threads. Default: execution.threads of the configuration; where that is 0, one thread, and one a processor.")]
        public int? Threads { get; set; }

        [Option("runs", MetaValue = "N", Default = 9, HelpText = "Samples of each figure.")]
        public int Runs { get; set; } = 9;

        protected override IEnumerable<string> Shorthands => Threads is null ? base.Shorthands : [.. base.Shorthands, $"execution.threads={Threads}"];
    }
}
