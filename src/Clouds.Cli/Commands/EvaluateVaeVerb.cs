using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds evaluate vae`.</summary>
internal sealed class EvaluateVaeVerb : ModelEvaluateVerb<HeldOutOptions>
{
    private const int Usual = 100;

    public override string Name => "evaluate vae";

    public override string Summary => "what the autoencoder of a latent diffusion keeps of images";

    public override string Description =>
        "Encodes images, decodes the mean of their latents, and compares: peak signal-to-noise ratio and structural similarity (Wang et al. 2004, of the "
        + "luma), means over images, and the mean absolute error. No painted image is sharper than what comes back here. Images keep their size, but for what "
        + "is over the autoencoder's multiple.\n\n"
        + "MODEL is a folder that `clouds train vae` or diffusers has written, vae with its config.json or the one above it, or a whole checkpoint of Stable "
        + "Diffusion. SPEC is a data set, whose labels nobody needs, or a folder with captions.jsonl. --count: 100 images where nothing else is said." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds evaluate vae vae --data world:wide?split=test&count=100 --out judged", "With pictures: judged/sheet.png."),
        new("clouds evaluate vae stable-diffusion-2 --data city.json --count 20", "A published one on 20 photographs."),
    ];

    protected override MeasuredModel Measure(HeldOutOptions options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        IImageSet data = CaptionSource.OpenImages(options.Data, context.Progress.Warn);
        using ImageAutoencoder autoencoder = ImageAutoencoder.Load(options.Model, ModelOptions.Painting(settings, context));
        HeldOutData heldOut = new(options.Data, options.Count ?? Usual, options.Seed) { Reading = settings.Data };
        return AutoencoderEvaluation.Run(autoencoder, data, heldOut, progress, context.Cancellation);
    }
}
