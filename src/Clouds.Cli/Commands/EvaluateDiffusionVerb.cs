using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate diffusion`.</summary>
/// <param name="open">Opens the model that paints, a path's.</param>
internal sealed class EvaluateDiffusionVerb(Func<string, StableDiffusionOptions, IPainter> open) : ModelEvaluateVerb<EvaluateDiffusionVerb.Options>
{
    private const int Usual = 50;

    public override string Name => "evaluate diffusion";

    public override string Summary => "whether a CLIP finds the prompts of what a latent diffusion paints";

    public override string Description =>
        "Paints the captions of images that the model has not seen, and shows each painting to a CLIP with its prompt and 19 other captions: how often the "
        + "prompt is the best. The same of the real images with these captions stands beside it: more than that this CLIP cannot find. Then mean cosines, "
        + "also of the painted images with each other: where a model paints the same again and again they are higher than those of real images.\n\n"
        + "MODEL is what `clouds generate` takes, CLIP what `clouds generate --clip` takes. Painting k has the seed --seed + k, its size is that of the real "
        + "images where the model was trained for it, else the model's own. SPEC is a folder with captions.jsonl or a data set with captions. --count: 50 "
        + "images where nothing else is said, and 20 different captions at least." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate diffusion painter --clip clip --data world:wide?split=test&count=50 --out judged", "With pictures: judged/sheet.png."),
        new("clouds evaluate diffusion painter --clip clip --data world:wide?split=test --count 20 --steps 10 --guidance 3", "With fewer steps."),
    ];

    protected override MeasuredModel Measure(Options options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        ICaptionedImages data = CaptionSource.Open(options.Data, context.Progress.Warn);
        using ClipScorer clip = ModelOptions.LoadClip(options.Clip, settings, context);
        using IPainter painter = open(options.Model, ModelOptions.Painting(settings, context));
        (int Width, int Height)? size = options.Size is null ? null : GenerateRequest.SizeOf(options.Size);
        PaintRequest request = new()
        {
            Prompt = "", Width = size?.Width, Height = size?.Height, Steps = options.Steps, Guidance = options.Guidance, Sampler = options.Sampler,
        };
        HeldOutData heldOut = new(options.Data, options.Count ?? Usual, options.Seed) { Reading = settings.Data };
        return DiffusionEvaluation.Run(painter, clip, data, heldOut, request, progress, context.Cancellation);
    }

    /// <summary>What to measure, with what, and how it paints.</summary>
    internal sealed class Options : HeldOutOptions
    {
        [Option("clip", MetaValue = "CLIP", Required = true, HelpText = "The CLIP that looks.")]
        public string Clip { get; set; } = "";

        [Option("size", MetaValue = "WxH", HelpText = "Width and height of the paintings in pixels. Default: see above.")]
        public string? Size { get; set; }

        [Option("steps", MetaValue = "N", Default = 50, HelpText = "Steps from noise to image. Default: 50, the paper's.")]
        public int Steps { get; set; } = 50;

        [Option("guidance", MetaValue = "X", Default = 7.5, HelpText = "How far images follow the prompt, 1 or more. Default: 7.5, the paper's.")]
        public double Guidance { get; set; } = 7.5;

        [Option("sampler", MetaValue = "euler|eulerAncestral|ddim|pndm|dpmSolver", HelpText = "The rule of the steps. Default: the model's own.")]
        public PaintSampler? Sampler { get; set; }
    }
}
