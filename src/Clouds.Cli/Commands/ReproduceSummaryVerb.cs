using Clouds.Cli.Console;
using Clouds.Cli.Experiments;
using Clouds.Cli.Reports;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds reproduce summary`.</summary>
internal sealed class ReproduceSummaryVerb : Verb<ReproduceSummaryVerb.Options>
{
    public override string Name => "reproduce summary";

    public override string Summary => "write one page of the paper's tables and figures with our results beside them";

    public override string Description =>
        "Writes one HTML file that needs no other and no network: Figure 1 (the averages of Table 1 as bars), Tables 1 to 5, Figures 5 and 6, each of the "
        + "paper's numbers with ours beside it where the ledger has a reproduction, and what was run besides: other settings, rows of your own.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds reproduce summary --out /results", "Writes /results/summary.html."),
        new("clouds reproduce summary --page paper.html", "The paper's numbers alone, where nothing was run yet."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        string page = options.Page ?? options.Folder.Summary;
        SummaryPage summary = new(PublishedTables.OfPaper, options.Folder.Ledger.Read());
        summary.Write().Save(page);
        context.Out.WriteLine(options.Json ? JsonText.Line(new { page, rows = summary.Runnable, reproduced = summary.Reproduced })
            : $"{page}: {summary.Reproduced} of {summary.Runnable} rows that can be run were reproduced");
        return ExitCodes.Success;
    }

    /// <summary>Where things lie.</summary>
    internal sealed class Options : ReproduceOptions
    {
        [Option("page", MetaValue = "FILE", HelpText = "The page. Default: summary.html in the folder of --out.")]
        public string? Page { get; set; }
    }
}
