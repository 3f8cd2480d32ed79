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
        + "the second is. A figure's noise is the share by which its median lies above its best sample. What differs by no more than the noise counts as "
        + "the same, and figures noisier than 25 % are not compared. With --tolerance the exit code says whether anything became slower by more than "
        + "that and by more than its noise.";

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
            context.Out.WriteLine(JsonText.Line(times));
        }
        else
        {
            TextTable.Write(context.Console, ["work", "first ms", "second ms", "noise %", "speed-up"], times.Select(Row));
            int noisy = times.Count(time => time.Verdict == BenchVerdict.Noisy);
            context.Out.WriteLine($"{times.Count - noisy} compared, {noisy} too noisy to compare");
        }

        bool TooSlow(ComparedTime time) => time.Verdict == BenchVerdict.Slower && time.New.Ms > time.Old.Ms * (1 + (options.Tolerance / 100));
        return times.Any(TooSlow) ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static string[] Row(ComparedTime time) =>
    [
        time.Work, Number(time.Old.Ms), Number(time.New.Ms), (100 * Math.Max(time.Old.Noise, time.New.Noise)).ToString("0", CultureInfo.InvariantCulture),
        time.Verdict switch
        {
            BenchVerdict.Noisy => "too noisy",
            BenchVerdict.Same => $"{Number(time.Speedup)} (the same)",
            _ => Number(time.Speedup),
        },
    ];

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
