using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Evaluation;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds data check`.</summary>
internal sealed class DataCheckVerb : Verb<DataCheckVerb.Options>
{
    public override string Name => "data check";

    public override string Summary => "load every sample of a data set and list all problems";

    public override string Description =>
        "Loads every image with its labels, counts classes and sizes, and collects every problem instead of stopping at the first: "
        + "missing pairs, truncated files, sizes that differ, label ids outside the map, damaged files that decode all the same, pixels that are ignored, "
        + "classes that never occur, images that are there twice. Two images are the same where their pixels are, whatever their files are called; "
        + "--against names a second set, of which no image may be in the first, as none that is trained on may be scored.\n\n"
        + "Tells too what the set costs: bytes, and on this machine the time that one sample and an epoch take to read, and the memory of a sample.\n\n"
        + $"SPEC is {DatasetSource.Forms}. {DescriptionHelp.KnownSets}\n\n`clouds data init FOLDER` writes a JSON file. {DescriptionHelp.Text}";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds data check city.json", "Before a long run."),
        new("clouds data check gta5:/data", "A published set in its own folders."),
        new("clouds data check streets:snow?count=50 --json", "The same for scripts."),
        new("clouds data check cityscapes:/data?split=train --against cityscapes:/data?split=val", "Nothing that is scored was trained on."),
        new("clouds data check city.json --set data.onMismatch=fail", "Pairs of different sizes are failures too."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "every sample can be used, those aside that data.onMismatch=skip leaves out; damaged ones are listed",
        [(int)Failure.BadInput] = "at least one sample cannot be used, or no pixel has a class, or an image is in --against too",
    };

    protected override int Run(Options options, VerbContext context)
    {
        DataConfig config = options.LoadSettings().Value.Data;
        DatasetReport report = Check(options.Spec, context);
        string? shared = options.Against is null ? null : SampleContent.Shared(report.Contents, Check(options.Against, context).Contents, options.Against);
        report = shared is null ? report : report with { Findings = [.. report.Findings, shared] };
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(report));
        }
        else
        {
            Print(report, config, context);
        }

        bool good = shared is null && report.Problems.All(problem => problem.Mismatch && config.OnMismatch == BadSample.Skip);
        return !good ? (int)Failure.BadInput : report.Nothing ? throw report.NothingLeft() : ExitCodes.Success;
    }

    private static DatasetReport Check(string spec, VerbContext context) =>
        context.Progress.Track(progress => DatasetSource.Check(spec, progress, context.Progress.Warn, context.Cancellation));

    private static void Print(DatasetReport report, DataConfig config, VerbContext context)
    {
        if (report.Labelled)
        {
            TextTable.Write(context.Console, ["id", "class", "share %", "images"], report.Classes.Select(Row));
        }

        if (report.Coverage.MaxBy(sample => sample.IgnoredShare) is SampleCoverage worst)
        {
            double share = report.IgnoredPixels / (double)report.Coverage.Sum(sample => sample.Pixels);
            context.Out.WriteLine($"ignored: {Percent.Text(share)} % of the pixels, at most {Percent.Text(worst.IgnoredShare)} % of an image ({worst.Name})");
        }

        context.Out.WriteLine($"sizes: {string.Join(", ", report.Sizes.Select(size => $"{size.Width} x {size.Height} ({size.Images})"))}");
        context.Out.WriteLine(Price(report));
        string samples = report.Labelled ? "samples" : "samples without labels";
        string damaged = report.Damaged.Count == 0 ? "" : $", {report.Damaged.Count} damaged";
        context.Out.WriteLine($"{report.Name}: {report.Samples} {samples}, {report.Usable} usable, {report.Problems.Count} with problems{damaged}");
        new ProblemList(context.Error).Write(report, config);
    }

    private static string Price(DatasetReport report)
    {
        (DatasetPrice price, TimeSpan epoch) = (report.Price, report.Price.Time(report.Usable));
        (double number, string unit) = epoch.TotalHours < 0.1 ? (epoch.TotalSeconds, "seconds") : (epoch.TotalHours, "hours");
        return string.Create(CultureInfo.InvariantCulture, $"price: {price.FileBytes / 1e6:N1} MB of files; with all processors a sample takes "
            + $"{1000 * price.SecondsPerSample:0.0} ms to read and an epoch {number:0.0} {unit}; "
            + $"a sample takes up to {price.LargestSampleBytes / 1e6:0.0} MB of memory");
    }

    private static IReadOnlyList<string> Row(ClassCount count) =>
        [count.Id.ToString(CultureInfo.InvariantCulture), count.Name, Percent.Text(count.Share), count.Images.ToString(CultureInfo.InvariantCulture)];

    /// <summary>What to check.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "SPEC", Required = true, HelpText = "The data set.")]
        public string Spec { get; set; } = "";

        [Option("against", MetaValue = "SPEC", HelpText = "A second data set, of which no image may be in the first.")]
        public string? Against { get; set; }
    }
}
