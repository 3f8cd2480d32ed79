using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench compare`.</summary>
internal sealed class BenchCompareVerb : Verb<BenchCompareVerb.Options>
{
    public override string Name => "bench compare";

    public override string Summary => "set two saved results of clouds bench side by side";

    public override string Description =>
        "Reads two files that clouds bench kernels --json wrote and prints both medians of all work that both timed, and how many times faster "
        + "the second is. With --tolerance the exit code says whether anything became slower by more than that.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench compare before.json after.json", "What a change did."),
        new("clouds bench compare before.json after.json --tolerance 15", "Fail where something takes over 15 % longer."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Failed] = "with --tolerance: something became slower by more",
    };

    protected override int Run(Options options, VerbContext context)
    {
        IReadOnlyList<ComparedTime> times = BenchComparison.Compare(BenchComparison.Read(options.First), BenchComparison.Read(options.Second));
        if (times.Count == 0)
        {
            throw new CloudsException(
                Failure.BadInput, "two bench results have nothing in common", $"{options.First}, {options.Second}", null, "runs of the same kernels and sizes");
        }

        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Document(times));
        }
        else
        {
            TextTable.Write(context.Console, ["work", "first ms", "second ms", "speed-up"],
                times.Select(time => new[] { time.Work, Number(time.OldMs), Number(time.NewMs), Number(time.Speedup) }));
        }

        return options.Tolerance is double percent && times.Any(time => time.NewMs > time.OldMs * (1 + (percent / 100))) ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>What to compare.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "FIRST", Required = true, HelpText = "Saved results.")]
        public string First { get; set; } = "";

        [Value(1, MetaName = "SECOND", Required = true, HelpText = "Saved results of later.")]
        public string Second { get; set; } = "";

        [Option("tolerance", MetaValue = "PERCENT", HelpText = "How much longer anything may take.")]
        public double? Tolerance { get; set; }
    }
}
