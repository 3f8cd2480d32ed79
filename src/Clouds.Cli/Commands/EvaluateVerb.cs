using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
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
        + "With --out DIR also writes, for each data set, NAME.images.csv (one row an image), NAME.confusion.csv (pixels of every answer "
        + "and true class), NAME.json (everything).";

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
        CloudsSettings settings = options.LoadSettings().Value;
        options.Model = options.Model is null ? null : ModelPath.Resolve(options.Model, options.Data);
        EvaluationConfig config = options.Scoring(settings.Evaluation);
        IReadOnlyList<IDataset> sets = [.. options.Data.Select(spec => DatasetSource.Open(spec, context.Progress.Warn))];
        if (options.Out is string folder)
        {
            ScoreFiles.Prepare(folder, sets.Select(data => data.Name), options.Overwrite);
        }

        using Segmenter? segmenter = options.Predictions is null ? Load(options, settings, sets, context) : null;
        List<EvaluationResult> results = [];
        context.Progress.Track(progress =>
        {
            foreach (IDataset data in sets)
            {
                results.Add(segmenter is null
                    ? Evaluator.RunPredictions(options.Predictions!, data, config, settings.Data, progress, context.Cancellation)
                    : Evaluator.Run(segmenter, data, config, settings.Data, progress, context.Cancellation));
            }
        });
        if (options.Out is string scores)
        {
            ScoreFiles.Write(scores, results);
        }

        Report(results, options, context);
        return Judge(results, context);
    }

    private static Segmenter Load(Options options, CloudsSettings settings, IReadOnlyList<IDataset> sets, VerbContext context)
    {
        int sessions = EvaluationSessions.For(options.Model!, sets, options.ShortSide, options.LongSide, settings.Execution.Threads);
        return ModelOptions.Load(options.Model!, settings, options.ShortSide, options.LongSide, context, sessions, settings.Evaluation.Views());
    }

    // The tables are out by now: nothing that was scored is lost to a sample or a set that was not.
    private static int Judge(IReadOnlyList<EvaluationResult> results, VerbContext context)
    {
        foreach (EvaluationResult result in results)
        {
            foreach (ProblemGroup group in ProblemGroup.Of(result.LeftOut))
            {
                context.Progress.Warn($"{result.Dataset}: {group.LeftOut(result.Images.Count + result.LeftOut.Count)}\n{group.Details}");
            }

            result.Findings().ToList().ForEach(finding => context.Progress.Warn($"{result.Dataset}: {finding}"));
        }

        return results.FirstOrDefault(result => result.Scores.Pixels == 0) is EvaluationResult nothing ? throw nothing.NothingScored()
            : results.Any(result => result.LeftOut.Any(problem => !problem.Mismatch)) ? (int)Failure.BadInput
            : ExitCodes.Success;
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

        if (!options.Data.Any())
        {
            throw new CloudsException(Failure.Usage, "there is no data set to score on", "clouds evaluate",
                null, "--data SPEC, once or more", "`clouds evaluate --help` shows examples");
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
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "MODEL", HelpText = "A model.safetensors written by train, or the folder of the run.")]
        public string? Model { get; set; }

        [Option("data", MetaValue = "SPEC", HelpText = "A data set: a JSON file, or streets:STYLE; may be given several times.")]
        public IEnumerable<string> Data { get; set; } = [];

        [Option("predictions", MetaValue = "DIR", HelpText = "Score the label PNGs of this folder instead of a model.")]
        public string? Predictions { get; set; }

        [Option("out", MetaValue = "DIR", HelpText = "Folder for scores of single images.")]
        public string? Out { get; set; }

        [Option("overwrite", HelpText = "Remove from --out the scores of data sets that are not scored now; without it such a folder is refused.")]
        public bool Overwrite { get; set; }

        [Option("prediction-ids", MetaValue = "MAP", HelpText =
            "What ids of predictions mean: identity (train ids), a prepared map such as cityscapes, colours (those of the classes), or a JSON file such as "
            + "{ \"7\": \"road\" }. Default: evaluation.predictions.idMap.")]
        public string? PredictionIds { get; set; }

        [Option("resize-predictions", HelpText = "Resize predictions of another size to that of their labels (nearest).")]
        public bool ResizePredictions { get; set; }

        [Option("gt-space", MetaValue = "auto|original|resized", HelpText =
            "Size at which answers meet labels; auto: as the data set is scored. Default: evaluation.gtSpace of the configuration.")]
        public GroundTruthSpace? GtSpace { get; set; }

        [Option("short-side", MetaValue = "N", HelpText = "Short side in pixels at which the network sees images; 0: their own size. Default: the model's.")]
        public int? ShortSide { get; set; }

        [Option("long-side", MetaValue = "N", HelpText =
            "Long side in pixels that images do not exceed then; 0: any. Default: 2048, or twice the short side where that is more; any with --short-side 0.")]
        public int? LongSide { get; set; }

        /// <summary>How answers are scored, where these options say otherwise than the configuration.</summary>
        public EvaluationConfig Scoring(EvaluationConfig config) => config with
        {
            GtSpace = GtSpace ?? config.GtSpace,
            Predictions = new PredictionConfig
            {
                IdMap = PredictionIds ?? config.Predictions.IdMap,
                Resize = ResizePredictions || config.Predictions.Resize,
            },
        };
    }
}
