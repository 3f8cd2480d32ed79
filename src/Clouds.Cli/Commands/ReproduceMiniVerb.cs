using Clouds.Cli.BuiltIn;
using Clouds.Cli.Console;
using Clouds.Cli.Experiments;
using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds reproduce mini`.</summary>
/// <param name="plan">Its numbers.</param>
/// <param name="tools">How networks are opened.</param>
internal sealed class ReproduceMiniVerb(MethodPlan plan, Func<CloudsSettings, VerbContext, MethodTools> tools) : Verb<ReproduceMiniVerb.Options>
{
    public override string Name => "reproduce mini";

    public override string Summary => "the paper's ablations in miniature, over several seeds";

    public override string Description =>
        "Does what `clouds demo` does with more images and steps, once for each seed, and prints Tables 4 and 5 in miniature with mean and sample standard "
        + "deviation: what the painted images, the refinement and the frozen encoder are worth on styles that no label was seen of. Says which claims of the "
        + "paper hold, and which classes with 0.3 % of the pixels or more stay below IoU 25 on the source. A little over an hour on two processor cores.\n\n"
        + "Writes to --out: mini/seed-N (all of a seed, result.json among it), mini/mini.json (numbers, mean and spread, settings, machine, version), "
        + "mini/mini.txt (what is printed), mini/index.html (a page that explains and shows all of it), and a line for each seed and arm in ledger.jsonl, "
        + "which `clouds reproduce summary` shows. Interrupted at any moment, the same command goes on where it was. "
        + "What it found here is kept in the repository, in experiments/mini, under its date.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds reproduce mini --out /results", "Seeds 1 to 3; the same line goes on after an interruption."),
        new("clouds reproduce mini --out /other --models mini --seeds 5", "Other foundation models, more seeds."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "the folder holds a run of other numbers or models",
        [(int)Failure.BadInput] = "a foundation model is missing, or the language model writes too few prompts that can be used",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the same command goes on",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Seeds is not (> 0 and <= Options.MostSeeds))
        {
            throw new CloudsException(Failure.Usage, "the number of seeds is out of range", "--seeds", $"{options.Seeds}", $"1 to {Options.MostSeeds}");
        }

        CloudsSettings settings = options.LoadSettings().Value;
        MethodJob job = new(() => options.Miniatures, settings, tools(settings, context), context);
        ReproductionFolder home = new(Path.GetFullPath(options.Out));
        string mini = Path.Combine(home.Path, "mini");
        (MethodPlan Plan, MethodFolder Folder)[] runs =
            [.. Enumerable.Range(1, options.Seeds).Select(seed => (plan with { Seed = seed }, new MethodFolder(Path.Combine(mini, $"seed-{seed}"))))];
        IReadOnlyList<MethodResult> results = job.Run(runs, anew: false, next: "the same command goes on where it was");
        MethodFolder[] folders = [.. runs.Select(run => run.Folder)];
        Keep(home, mini, folders, results);
        string page = Path.Combine(mini, "index.html");
        MethodPage.Write(page, folders);
        MethodText.Write(results, options.Json, page, context);
        return ExitCodes.Success;
    }

    private static void Keep(ReproductionFolder home, string mini, MethodFolder[] folders, IReadOnlyList<MethodResult> results)
    {
        MiniLedger ledger = new(home);
        folders.Zip(results).ToList().ForEach(run => ledger.Append(run.First, run.Second));
        MiniResult result = MiniResult.Of(results, [.. folders.Select(folder => MethodTimes.Read(folder.Times))]);
        result.Write(Path.Combine(mini, "mini.json"));
        AtomicFile.WriteAllBytes(Path.Combine(mini, "mini.txt"), System.Text.Encoding.UTF8.GetBytes($"{result.Circumstances}\n\n{MethodText.Of(results)}"));
    }

    /// <summary>Where to, and how often.</summary>
    internal sealed class Options : CommonOptions
    {
        /// <summary>More would tell little and take a day.</summary>
        public const int MostSeeds = 20;

        [Option('o', "out", MetaValue = "DIR", HelpText = "Folder of the reproductions, with their ledger. Default: reproduction in the present folder.")]
        public string Out { get; set; } = "reproduction";

        [Option("models", MetaValue = "DIR", HelpText = "Folder with clip, sam, diffusion and llm in place of the miniatures of the program.")]
        public string? Models { get; set; }

        [Option("seeds", MetaValue = "N", HelpText = "Seeds 1 to N. Default: 3.")]
        public int Seeds { get; set; } = 3;

        /// <summary>The models.</summary>
        /// <exception cref="CloudsException">BadInput or Usage: one is not there.</exception>
        public Miniatures Miniatures => Models is string folder ? MethodModels.Below(folder) : Miniatures.Embedded();
    }
}
