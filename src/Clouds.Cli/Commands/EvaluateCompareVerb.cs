using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate compare`.</summary>
internal sealed class EvaluateCompareVerb : Verb<EvaluateCompareVerb.Options>
{
    public override string Name => "evaluate compare";

    public override string Summary => "set two models, or label images of any origin, side by side on labelled data";

    public override string Description =>
        "Scores both on each data set as `clouds evaluate` does and prints the IoU of every class, the measures of the whole, and what the second has "
        + "gained. A and B are models, runs, or folders of label PNGs (one for each image of the data set, as for --predictions). With --out FILE.html also "
        + "writes one page that needs no network: the tables, the images of the largest differences, and pictures of these: image, labels, both answers, and "
        + "where only one of them is right.\n\n"
        + "Where one of the two is a folder, answers meet labels at the labels' own size unless --gt-space says otherwise. A model is opened again for the "
        + "pictures, so that the two are never in memory together.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate compare before/model.safetensors after --data city.json --out difference.html", "What a training has changed."),
        new("clouds evaluate compare run theirs --data city.json --data night.json", "A model beside another program's label images."),
        new("clouds evaluate compare a.safetensors b.safetensors --data city.json --out d.html --pictures 20", "Pictures of twenty images."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a sample could not be read, and the others were scored; a prediction is missing; models and data have different classes; "
            + "no pixel could be scored",
    };

    protected override int Run(Options options, VerbContext context)
    {
        Scoring.RequireData(options, Name);
        CloudsSettings settings = options.LoadScoring();
        ScoredSource first = ScoredSource.Of(options.First), second = ScoredSource.Of(options.Second);
        if (settings.Evaluation.GtSpace == GroundTruthSpace.Auto && !(first.IsModel && second.IsModel))
        {
            settings = settings with { Evaluation = settings.Evaluation with { GtSpace = GroundTruthSpace.Original } };
        }

        IReadOnlyList<IDataset> sets = Scoring.OpenSets(options, context);
        first.RequireComplete(sets, settings.Evaluation);
        second.RequireComplete(sets, settings.Evaluation);
        if (options.Out is string file)
        {
            OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }

        EvaluationComparison[] compared = [.. Score(first).Zip(Score(second), (one, other) => new EvaluationComparison(one, other))];
        if (options.Out is string page)
        {
            ComparedPictures pictures = new(sets, options.Pictures);
            foreach (ScoredSource source in new[] { first, second })
            {
                source.Open(sets, options, settings, context, answers => pictures.AddAnswers(compared, answers, context.Cancellation));
            }

            ComparisonPage.Of(options.First, options.Second, compared, pictures).Save(page);
        }

        Report(compared, options, context);
        int firstCode = Scoring.Judge([.. compared.Select(pair => pair.First)], context, "A, ");
        return Math.Max(firstCode, Scoring.Judge([.. compared.Select(pair => pair.Second)], context, "B, "));

        IReadOnlyList<EvaluationResult> Score(ScoredSource source) =>
            source.Open(sets, options, settings, context, answers => Scoring.Score(sets, answers, settings, context));
    }

    private static void Report(IReadOnlyList<EvaluationComparison> compared, Options options, VerbContext context)
    {
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(compared.Select(pair =>
                new { pair.First.Dataset, pair.First.GtSpace, pair.Totals, pair.Classes, pair.Images })));
            return;
        }

        foreach (EvaluationComparison pair in compared)
        {
            context.Out.WriteLine($"{pair.First.Dataset}: {options.First} and {options.Second}");
            TextTable.Write(context.Console, ComparisonPage.Columns("class"), [.. pair.Classes.Select(ComparisonPage.Row), .. ComparisonPage.Totals(pair)]);
        }
    }

    /// <summary>What to compare and on what.</summary>
    internal sealed class Options : ScoringOptions
    {
        [Value(0, MetaName = "A", Required = true, HelpText = "A model, the folder of a run, or a folder of label PNGs.")]
        public string First { get; set; } = "";

        [Value(1, MetaName = "B", Required = true, HelpText = "Another one.")]
        public string Second { get; set; } = "";

        [Option("out", MetaValue = "FILE.html", HelpText = "Write a page with the images that differ most.")]
        public string? Out { get; set; }

        [Option("pictures", MetaValue = "N", Default = 6, HelpText = "Images of each data set that the page shows.")]
        public int Pictures { get; set; }
    }
}
