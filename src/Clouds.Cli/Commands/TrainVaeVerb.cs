using Clouds.Diagnostics;
using Clouds.Training.Diffusion;
using Clouds.Training.Engine;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train vae`.</summary>
internal sealed class TrainVaeVerb : ModelTrainVerb<AutoencoderTrainingConfig>
{
    public override string Name => "train vae";

    public override string Summary => "train the autoencoder of a latent diffusion on images";

    public override string Description =>
        "Trains the autoencoder in whose latents a diffusion model paints, from scratch or from --set from=FILE: crops of the images are said again, and the "
        + "latents held near a normal distribution. SPEC is a data set as for `clouds data check`, whose labels nobody needs, or a folder with "
        + "captions.jsonl.\n\n"
        + "The model is the folder vae in --out, as diffusers writes one, with the scale that makes the latents' variance 1." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train vae --data streets:source?count=4000&width=192&height=128 --out vae --set width=96 --set height=96", "On built-in street scenes."),
        new("clouds train vae vae.json --data pictures --out vae --resume", "Goes on after Ctrl-C, on a folder of pictures."),
    ];

    protected override void Train(
        AutoencoderTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress,
        CancellationToken cancellation) =>
        new AutoencoderTrainer(config, CaptionSource.OpenImages(data, options.Warn), options).Run(resume, progress, cancellation);

    protected override string ModelOf(RunFolder folder) => Path.Combine(folder.Path, "vae");
}
