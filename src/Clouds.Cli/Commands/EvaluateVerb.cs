using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate`.</summary>
internal sealed class EvaluateVerb : Verb<EvaluateVerb.Options>
{
    public override string Name => "evaluate";

    public override string Summary => "score a model, or label images of any origin, on labelled data";

    public override string Description =>
        "Segments every image of each data set and compares with its labels: IoU of every class, their mean over the classes that occur "
        + "(mIoU), pixel accuracy, and the mIoU of a baseline that always answers with the most frequent class. All in percent. Several data sets get their "
        + "average too, as in the paper's tables; the 19 classes of Cityscapes also the mean of the 16 that SYNTHIA knows, and with "
        + "evaluation.synthia16=restrict beside it the one with answers among these 16 alone. The boundary mIoU is that of the pixels within 2 % of the "
        + "diagonal from a class's border (evaluation.boundary).\n\n"
        + "Answers meet labels at the labels' own size, those of BDD100K, Mapillary and ACDC at the size at which the network saw the image, as in the "
        + "released code; --gt-space and \"scoredAt\" in a description say otherwise.\n\n"
        + "The network looks once at the whole image, as for the paper's results; evaluation.scales, evaluation.flip and evaluation.slidingWindow average "
        + "the class scores of several sizes, of mirror images and of windows.\n\n"
        + "With --predictions DIR in place of MODEL, label PNGs are scored: DIR/NAME.png or DIR/NAME.labels.png for every image NAME of the data set, of "
        + "train ids or what --prediction-ids says, at the size of its label file or, with --resize-predictions, of any.\n\n"
        + "A sample that cannot be read is left out and told, and so is a pair of different sizes; with data.onUnreadable=fail and data.onMismatch=fail "
        + "they end the verb.\n\n"
        + "Under mpirun the ranks share the images of each data set, and rank 0 reports: the scores of one process, to the last bit (docs/distributed.md).\n\n"
        + "With --out DIR also writes, for each data set, NAME.images.csv (one row an image), NAME.confusion.csv (pixels of every answer "
        + "and true class), NAME.json (everything), and index.html: the table, the confusion matrices as "
        + "pictures, the images with the lowest and the highest scores, on one page that needs no network.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate run/model.safetensors --data city.json --data bdd.json --data vistas.json", "One column a data set, and their average."),
        new("clouds evaluate run/model.safetensors --data streets:fog?split=test --out scores", "Also scores of single images."),
        new("clouds evaluate run/model.safetensors --data city.json --device cuda:1", "On the second GPU."),
        new("clouds evaluate run --data city.json --set evaluation.scales=[0.75,1,1.25] --set evaluation.flip=true", "Six looks at every image, averaged."),
        new("clouds evaluate --predictions labels --data city.json", "The answers of any other program."),
        new("clouds evaluate --predictions labels --prediction-ids cityscapes --resize-predictions --data city.json", "Full Cityscapes ids, of any size."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a sample could not be read, and the others were scored; a prediction is missing; model and data have different classes; "
            + "no pixel could be scored",
    };

    protected override int Run(Options options, VerbContext context)
    {
        RequireOneSource(options);
        Scoring.RequireData(options, Name);
        CloudsSettings settings = options.LoadScoring();
        context = context.Join(settings.Execution.Ranks);
        RankGroup ranks = context.Ranks.Group;
        ScoredSource source = options.Model is null
            ? new ScoredSource(options.Predictions!, IsModel: false)
            : new ScoredSource(ModelPath.Resolve(options.Model, options.Data), IsModel: true);
        IReadOnlyList<IDataset> sets = Scoring.OpenSets(options, context);
        if (options.Out is string folder && ranks.IsFirst)
        {
            ScoreFiles.Prepare(folder, sets.Select(data => data.Name), options.Overwrite);
        }

        ranks.Meet("data sets to score on");
        IReadOnlyList<EvaluationResult> results =
            source.Open(sets, options, settings, context, answers => Scoring.Score(sets, answers, settings, context));
        return ranks.IsFirst ? Finish(source, results, options, context) : ExitCodes.Success;
    }

    private static int Finish(ScoredSource source, IReadOnlyList<EvaluationResult> results, Options options, VerbContext context)
    {
        if (options.Out is string scores)
        {
            ScoreFiles.Write(scores, results);
            ScorePage.Of(source.Path, results).Save(Path.Combine(scores, "index.html"));
        }

        Report(results, options, context);
        return Scoring.Judge(results, context);
    }

    private static void RequireOneSource(Options options)
    {
        if (options.Model is null == options.Predictions is null)
        {
            throw new CloudsException(
                Failure.Usage, "there must be one thing to score", "clouds evaluate",
                options.Model is null ? "neither MODEL nor --predictions" : "MODEL and --predictions",
                "one of them", "`clouds evaluate --help` shows examples");
        }
    }

    private static void Report(IReadOnlyList<EvaluationResult> results, Options options, VerbContext context)
    {
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(results));
            if (results.Count > 1)
            {
                context.Out.WriteLine(JsonText.Line(new { average = SetAverage.From(results) }));
            }
        }
        else
        {
            ScoreTable table = new(results, average: results.Count > 1);
            TextTable.Write(context.Console, table.Columns, table.Rows);
        }
    }

    /// <summary>What to score and on what.</summary>
    internal sealed class Options : ScoringOptions
    {
        [Value(0, MetaName = "MODEL", HelpText = "A model.safetensors written by train, or the folder of the run.")]
        public string? Model { get; set; }

        [Option("predictions", MetaValue = "DIR", HelpText = "Score the label PNGs of this folder instead of a model.")]
        public string? Predictions { get; set; }

        [Option("out", MetaValue = "DIR", HelpText = "Folder for a page and for scores of single images.")]
        public string? Out { get; set; }

        [Option("overwrite", HelpText = "Remove from --out the scores of data sets that are not scored now; without it such a folder is refused.")]
        public bool Overwrite { get; set; }
    }
}
