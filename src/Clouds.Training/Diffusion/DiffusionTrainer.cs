using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>
/// Trains or fine-tunes a latent diffusion of any sizes on captioned images. A run is a folder; it can be stopped at any moment and resumed with the bits it
/// would have had uninterrupted. Its model is the folder "model" in it, a whole Stable Diffusion as diffusers writes one, with the frozen networks.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">Images with captions.</param>
/// <param name="options">Where it runs.</param>
public sealed class DiffusionTrainer(DiffusionTrainingConfig config, ICaptionedImages data, TrainerOptions options)
{
    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="resume">Go on from the folder's checkpoint; the settings have to be those that it was begun with.</param>
    /// <param name="progress">Told after every step; metrics loss, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// Usage: settings do not fit together, or are others than those of the run; bad input, weights that do not fit, a full disk, a loss that stays infinite:
    /// what was done is saved first.
    /// </exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        ClipTokenizer tokenizer = config.Vocabulary.Length > 0 ? ClipTokenizer.Load(config.Vocabulary) : ClipTokenizer.Default;
        Require(config, tokenizer);
        using DiffusionTraining training = new(config, data, tokenizer, options.Workers);
        new ModelRun(options, "diffusion", config, data.Name).Run(training, Settings(), arena => Write(arena, tokenizer), resume, progress, cancellation);
    }

    /// <summary>The folder of the model in a run's folder.</summary>
    public static string ModelOf(RunFolder folder) => Path.Combine(folder.Path, "model");

    private TrainingSettings Settings() => new()
    {
        Steps = config.Steps,
        Optimization = MatrixDecay.Over(config.Optimizer.Over(config.Steps), config.Optimizer.WeightDecay) with
        {
            Teacher = config.Average > 0 ? new MeanTeacher(config.Average) { WarmUp = true } : null,
        },
        Seed = (ulong)config.Seed,
        CheckpointEvery = config.CheckpointEvery,
        Start = config.From.Length > 0 ? [new StartWeights(config.From)] : [],
    };

    private void Write(ParameterArena arena, ClipTokenizer tokenizer)
    {
        DiffusersModel model = new(ModelOf(options.Folder));
        ArenaFile.Write(model.Weights(DiffusersModel.Denoiser), arena);
        model.Configure(config.Network, config.Width / config.Autoencoder.Stride, config.Height / config.Autoencoder.Stride);
        GraphBuilder images = new("autoencoder"), texts = new("text encoder");
        Autoencoder autoencoder = new(config.Autoencoder);
        Value pixels = images.Input("image", ElementType.Float, [1, 3, config.Autoencoder.Stride, config.Autoencoder.Stride]);
        autoencoder.Decode(images, autoencoder.Encode(images, pixels).Mean);
        model.Copy(DiffusersModel.Autoencoder, config.AutoencoderWeights, images.Parameters);
        model.Configure(config.Autoencoder, config.Width, config.Height);
        new TextEncoder(config.Text).Build(texts, texts.Input("tokens", ElementType.Int64, [1, config.Text.Context]));
        model.Copy(DiffusersModel.TextEncoder, config.TextWeights, texts.Parameters);
        model.Configure(config.Text, tokenizer.Start, tokenizer.End);
        model.Configure(tokenizer, config.Text);
        model.Complete(config);
    }

    private static void Require(DiffusionTrainingConfig config, ClipTokenizer tokenizer)
    {
        SettingsRule rule = new("training of a diffusion model");
        rule.RequireRun(config.Steps, config.Batch, config.CheckpointEvery, config.Optimizer.LearningRate);
        LatentSizes.Require(rule, config.Autoencoder, config.Width, config.Height);
        LatentSizes.Require(rule, config.Network, config.Width / config.Autoencoder.Stride, config.Height / config.Autoencoder.Stride);
        rule.Require(config.AutoencoderWeights.Length > 0 && config.TextWeights.Length > 0, "autoencoderWeights, textWeights",
            $"'{config.AutoencoderWeights}', '{config.TextWeights}'", "the weight files of both frozen networks");
        KnownScale.Require(rule, "autoencoder.scale", config.AutoencoderWeights, config.Autoencoder);
        rule.Require(config.Network.Latents == config.Autoencoder.Latents, "network.latents, autoencoder.latents",
            $"{config.Network.Latents}, {config.Autoencoder.Latents}", "the same");
        rule.Require(config.Network.TextWidth == config.Text.Width, "network.textWidth, text.width", $"{config.Network.TextWidth}, {config.Text.Width}",
            "the same");
        rule.Require(tokenizer.Count <= config.Text.Vocabulary, "vocabulary, text.vocabulary", $"{tokenizer.Count} tokens, {config.Text.Vocabulary}",
            "a text encoder that knows every token");
        rule.Require(config.Times > 1 && config.FirstVariance is > 0 and < 1 && config.LastVariance is > 0 and < 1, "times, firstVariance, lastVariance",
            FormattableString.Invariant($"{config.Times}, {config.FirstVariance}, {config.LastVariance}"), "2 times or more, variances between 0 and 1");
        rule.Require(config.DropCaption is >= 0 and <= 1 && config.Average is >= 0 and < 1, "dropCaption, average",
            FormattableString.Invariant($"{config.DropCaption}, {config.Average}"), "shares in 0..1, and less than 1 for the average");
    }
}
