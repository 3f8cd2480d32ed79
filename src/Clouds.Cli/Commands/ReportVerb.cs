using Clouds.Cli.Console;
using Clouds.Cli.Runs;
using Clouds.Cli.Stores;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds report`.</summary>
internal sealed class ReportVerb : Verb<ReportVerb.Options>
{
    public override string Name => "report";

    public override string Summary => "one page about a training run, or about several side by side; the pages of generated images";

    public override string Description =>
        "Writes one HTML file that stands alone, needs no network and no scripts, and can be read on a phone: where each run stands; curves of losses, "
        + "learning rate, throughput, waiting for data and memory, with the scores of validation; the confusion matrix, the best and the worst images; every "
        + "setting with its origin, the machine, the versions, and the command that repeats the run. Several runs share their curves and tables, and "
        + "settings that differ are marked.\n\n"
        + "RUN is a folder that `clouds train` wrote. The run may go on, may have been killed or may come from an older version: what cannot be read is told "
        + "on the page and left out. `clouds train` writes the page of its run itself when it ends.\n\n"
        + "Of a folder that `clouds generate` fills, RUN makes the pages anew, index.html and further ones, with the images that are there, and marks.jsonl.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds report run", $"Writes run/{RunPage.FileName}."),
        new("clouds report generated", $"Looks at the images of a store and writes generated/{StorePages.FileName}."),
        new("clouds report first second --out both.html", "Two runs in one page, side by side."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a folder is missing, or holds no run",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Runs.FirstOrDefault(IsStore) is string store)
        {
            return ReportStore(store, options, context);
        }

        RunFiles[] runs = [.. options.Runs.Select(RunFiles.Read)];
        string path = options.Out ?? (runs.Length == 1 ? Path.Combine(runs[0].Folder, RunPage.FileName) : RunPage.FileName);
        if (Directory.Exists(path))
        {
            path = Path.Combine(path, RunPage.FileName);
        }

        RunPage.Make(runs).Save(path);
        string[] problems = [.. runs.SelectMany(run => run.Problems.Select(problem => $"{run.Name}: {problem}"))];
        Array.ForEach(problems, context.Progress.Warn);
        context.Out.WriteLine(options.Json ? JsonText.Line(new { path, runs = runs.Select(Told), problems }) : path);
        return ExitCodes.Success;
    }

    private static bool IsStore(string folder) => File.Exists(Path.Combine(folder, StoreFiles.Plan));

    private static int ReportStore(string folder, Options options, VerbContext context)
    {
        if (options.Runs.Count() > 1 || options.Out is not null)
        {
            throw new CloudsException(Failure.Usage, "the pages of generated images lie beside them", folder,
                options.Out is null ? "other folders" : $"--out {options.Out}", $"clouds report {folder}", "give the folder alone");
        }

        ImageStore store = ImageStore.Read(folder);
        StoreReview review = context.Progress.Track(progress => StoreReview.Of(store, progress, context.Cancellation));
        string path = StorePages.Write(review);
        context.Out.WriteLine(options.Json ? JsonText.Line(new { path, images = review.Images.Count, marked = review.Marks.Count }) : path);
        return ExitCodes.Success;
    }

    private static object Told(RunFiles run) =>
        new { run.Folder, stages = run.Stages.Select(stage => new { stage.Name, steps = stage.Done, stage.Planned, finished = stage.IsFinished }) };

    /// <summary>What to report on.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "RUN", Required = true, HelpText = "Folder of a run; may be given several times.")]
        public IEnumerable<string> Runs { get; set; } = [];

        [Option("out", MetaValue = "FILE", HelpText = "The page. Default: report.html in the run's folder; for several runs in the current one.")]
        public string? Out { get; set; }
    }
}
