using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using Clouds.Native.Sam;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;
using Clouds.Training.Promptable;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate sam`.</summary>
internal sealed class EvaluateSamVerb : ModelEvaluateVerb<EvaluateSamVerb.Options>
{
    private const int Usual = 200;

    public override string Name => "evaluate sam";

    public override string Summary => "how well the masks of a Segment Anything overlap with the truth, after one point and after five";

    public override string Description =>
        "Points at every mask of the images, as Segment Anything is evaluated (Kirillov et al. 2023, section 7.1): the first point is where the mask is "
        + "farthest from its border, each further one where what is missing, or too much, is farthest from its border. After the first point the mask with "
        + "the best score counts, and beside it the best of all that were there to choose (oracle); after further points the one mask for prompts that leave "
        + "no doubt, which starts from the mask before (not with --points-alone). Means are over masks, also of small, medium and large ones apart.\n\n"
        + "MODEL is a file or folder with weights of Segment Anything, as for `clouds sam`. SPEC is a labelled data set; its masks are its own where it has "
        + "some (world:STYLE), else the connected components of its labels, of more than 16 pixels. --count: 200 images where nothing else is said." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate sam sam/model.safetensors --data world:wide?split=test&count=200 --out judged", "One's own, with pictures: judged/sheet.png."),
        new("clouds evaluate sam mobile_sam --data city.json --count 50 --seed 2", "MobileSAM on components of labels, 50 images that seed 2 draws."),
    ];

    protected override MeasuredModel Measure(Options options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        string file = SamFile.Find(options.Model, settings.Sam.Variant);
        IMaskedImages data = ComponentMasks.Of(DatasetSource.Open(options.Data, context.Progress.Warn));
        using SegmentAnything sam = ModelOptions.LoadSam(file, settings, context);
        HeldOutData heldOut = new(options.Data, options.Count ?? Usual, options.Seed) { Reading = settings.Data };
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Model)));
        ImportedFile[] files = [ImportedFile.Of(CarriedWeights.PathOf(file))];
        return SamEvaluation.Run(sam, name, files, data, heldOut, !options.PointsAlone, progress, context.Cancellation);
    }

    /// <summary>What to measure and on what.</summary>
    internal sealed class Options : HeldOutOptions
    {
        [Option("points-alone", HelpText = "Further prompts have points alone, and do not start from the mask before.")]
        public bool PointsAlone { get; set; }
    }
}
