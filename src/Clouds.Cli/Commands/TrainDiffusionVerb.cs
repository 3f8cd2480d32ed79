using Clouds.Diagnostics;
using Clouds.Training.Diffusion;
using Clouds.Training.Engine;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train diffusion`.</summary>
internal sealed class TrainDiffusionVerb : ModelTrainVerb<DiffusionTrainingConfig>
{
    public override string Name => "train diffusion";

    public override string Summary => "train a latent diffusion on images with captions";

    public override string Description =>
        "Trains the denoiser of a latent diffusion, from scratch or from --set from=FILE, to tell the noise in latents of captioned images. Autoencoder and "
        + "text encoder stay as they are in their files, autoencoderWeights and textWeights. SPEC is a folder with captions.jsonl, a JSON object a line with "
        + "\"file\" and \"caption\"; a folder that `clouds generate` has filled; or a data set with captions.\n\n"
        + "The model is the folder model in --out: all networks, tokenizer and scheduler as diffusers writes them." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train diffusion painter.json --data pictures --out painter", "As a file says, on a folder of pictures."),
        new("clouds train diffusion painter.json --data pictures --out painter --set prediction=v --steps 8000", "With another target."),
    ];

    protected override void Train(
        DiffusionTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress, CancellationToken cancellation) =>
        new DiffusionTrainer(config, CaptionSource.Open(data, options.Warn), options).Run(resume, progress, cancellation);

    protected override string ModelOf(RunFolder folder) => DiffusionTrainer.ModelOf(folder);
}
