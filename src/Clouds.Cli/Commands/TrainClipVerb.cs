using Clouds.Diagnostics;
using Clouds.Training.Contrastive;
using Clouds.Training.Engine;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train clip`.</summary>
internal sealed class TrainClipVerb : ModelTrainVerb<ContrastiveTrainingConfig>
{
    public override string Name => "train clip";

    public override string Summary => "train a CLIP with a ConvNeXt on images with captions";

    public override string Description =>
        "Trains both towers of a CLIP, from scratch or from --set from=FILE, to tell which caption belongs to which image of a batch. SPEC is a folder with "
        + "captions.jsonl, a JSON object a line with \"file\" and \"caption\"; a folder that `clouds generate` has filled; or a data set with captions.\n\n"
        + "The model is model.safetensors in --out, an encoder for `clouds train` (training.encoder.weights); the folders text_encoder and tokenizer are its "
        + "text tower as `clouds train diffusion` and diffusers want it." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train clip clip.json --data pictures --out clip", "As a file says, on a folder of pictures."),
        new("clouds train clip clip.json --data pictures --out tuned --set from=clip/model.safetensors --set optimizer.learningRate=1e-5", "Fine-tunes one."),
    ];

    protected override void Train(
        ContrastiveTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress,
        CancellationToken cancellation) =>
        new ContrastiveTrainer(config, CaptionSource.Open(data, options.Warn), options).Run(resume, progress, cancellation);

    protected override string ModelOf(RunFolder folder) => folder.Model;
}
