using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate clip`.</summary>
internal sealed class EvaluateClipVerb : ModelEvaluateVerb<HeldOutOptions>
{
    private const int Usual = 500;

    public override string Name => "evaluate clip";

    public override string Summary => "whether a CLIP finds the captions of images, and the images of captions";

    public override string Description =>
        "Shows each image with its own caption and 19 others of the set, all different: how often its own is the best. Then recall: how often an image's own "
        + "caption is among the best 1, 5 and 10 of all, and a caption's own image among those of all images. For the wide world (world:STYLE) also how "
        + "often light, weather, season and place are told by sentences alone (zero-shot), and what a perfect reader would find, as several captions may "
        + "hold of an image. Of two captions that the CLIP cannot tell apart neither counts "
        + "as found.\n\n"
        + "MODEL is what `clouds train clip` writes, or a published CLIP with a ConvNeXt or OpenAI's ResNet and its text tower. SPEC is a folder with "
        + "captions.jsonl, a store of generated images, or a data set with captions. --count: 500 images where nothing else is said." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate clip clip --data world:wide?split=test&count=500", "One's own CLIP on scenes that it has not seen."),
        new("clouds evaluate clip clip --data world:fog?split=test&count=200 --out judged --json", "In fog; the numbers in judged/evaluation.json."),
        new("clouds evaluate clip CLIP-convnext_large_d_320 --data pictures --count 0", "A published CLIP on a whole folder of pictures."),
    ];

    protected override MeasuredModel Measure(HeldOutOptions options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        ICaptionedImages data = CaptionSource.Open(options.Data, context.Progress.Warn);
        using ClipScorer clip = ModelOptions.LoadClip(options.Model, settings, context);
        HeldOutData heldOut = new(options.Data, options.Count ?? Usual, options.Seed) { Reading = settings.Data };
        return new MeasuredModel(ClipEvaluation.Run(clip, data, heldOut, progress, context.Cancellation));
    }
}
