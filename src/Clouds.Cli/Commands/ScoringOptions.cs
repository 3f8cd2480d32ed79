using Clouds.Cli.Settings;
using Clouds.Training.Evaluation;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs that score.</summary>
internal class ScoringOptions : CommonOptions
{
    [Option("data", MetaValue = "SPEC", HelpText = "A data set, as for `clouds data check`; may be given several times.")]
    public IEnumerable<string> Data { get; set; } = [];

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

    /// <summary>The configuration, with what these options say about scoring.</summary>
    public CloudsSettings LoadScoring()
    {
        CloudsSettings settings = LoadSettings().Value;
        EvaluationConfig config = settings.Evaluation;
        PredictionConfig predictions = config.Predictions;
        return settings with
        {
            Evaluation = config with
            {
                GtSpace = GtSpace ?? config.GtSpace,
                Predictions = predictions with { IdMap = PredictionIds ?? predictions.IdMap, Resize = ResizePredictions || predictions.Resize },
            },
        };
    }
}
