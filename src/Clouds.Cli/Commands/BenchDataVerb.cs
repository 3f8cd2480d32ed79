using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Sources;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench data`.</summary>
internal sealed class BenchDataVerb : Verb<BenchDataVerb.Options>
{
    public override string Name => "bench data";

    public override string Summary => "time how fast a data set's samples are read and augmented for training";

    public override string Description =>
        "Reads images, images with their labels, and augments them as training.augmentation says, each alone on one thread; then all of it on one worker, two, "
        + "and so on up to execution.workers, as training does it beside its steps. A step of training wants training.batch samples; where the workers give as "
        + "many in the time of a step, it does not wait. The files are in the system's memory by then: a slow disk is not timed.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench data cityscapes:/data?split=train", "With the paper's augmentation."),
        new("clouds bench data city.json --preset small --samples 200 --json", "With the small preset's, for scripts."),
        new("clouds bench data gta5:/data --set execution.workers=16", "On up to 16 workers."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a sample cannot be used; `clouds data check` lists all of them",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Samples < 1)
        {
            throw new CloudsException(Failure.Usage, "the number of samples is out of range", "--samples", $"{options.Samples}", "1 or more");
        }

        CloudsSettings settings = options.LoadSettings(options.Preset).Value;
        IDataset data = DatasetSource.Open(options.Spec, context.Progress.Warn);
        int most = settings.Execution.Workers > 0 ? settings.Execution.Workers : PrefetchWorkers.Usual;
        int[] workers = [.. Enumerable.Range(0, 11).Select(power => 1 << power).TakeWhile(count => count < most), most];
        LoaderReport report = LoaderBench.Run(data, settings.Training.Augmentation, workers, options.Samples, context.Cancellation);
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(report));
            return ExitCodes.Success;
        }

        TextTable.Write(context.Console, ["part", "ms", "best"], report.Parts.Select(Row));
        foreach (LoaderRate rate in report.Rates)
        {
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate.Workers} workers: {rate.PerSecond:0.0} samples a second"));
        }

        return ExitCodes.Success;
    }

    private static string[] Row(LoaderPart part) => [part.Part, Ms(part.MsMedian), Ms(part.MsMin)];

    private static string Ms(double time) => time.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>What to time.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "SPEC", Required = true, HelpText = "The data set, as for `clouds data check`.")]
        public string Spec { get; set; } = "";

        [Option("preset", MetaValue = "small|paper", HelpText = "Settings to start from; --config and --set come on top. Default: paper.")]
        public Preset? Preset { get; set; }

        [Option("samples", MetaValue = "N", HelpText = "Samples of each figure. Default: 60.")]
        public int Samples { get; set; } = 60;
    }
}
