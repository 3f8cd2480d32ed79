using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Contrastive;

/// <summary>
/// Trains or fine-tunes a CLIP, both towers, on captioned images. A run is a folder; it can be stopped at any moment and resumed with the bits it would have
/// had uninterrupted. Its model has OpenCLIP's names, and is an encoder for trainings of the segmenter; the folders "text_encoder" and "tokenizer" beside it
/// are its text tower as a latent diffusion wants one; open_clip_config.json says what its weights do not.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">Images with captions.</param>
/// <param name="options">Where it runs.</param>
public sealed class ContrastiveTrainer(ContrastiveTrainingConfig config, ICaptionedImages data, TrainerOptions options)
{
    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="resume">Go on from the folder's checkpoint; the settings have to be those that it was begun with.</param>
    /// <param name="progress">Told after every step; metrics loss, found, scale, learningRate.</param>
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
        using ContrastiveTraining training = new(config, data, tokenizer, options.Workers);
        new ModelRun(options, "contrastive", config, data.Name).Run(training, Settings(), Write, resume, progress, cancellation);

        void Write(ParameterArena arena)
        {
            ArenaFile.Write(options.Folder.Model, arena);
            DiffusionTextEncoder.Write(options.Folder.Path, options.Folder.Model, config, tokenizer);
            OpenClipConfig.Write(options.Folder.Path, config);
        }
    }

    private TrainingSettings Settings()
    {
        Optimization optimization = config.Optimizer.Over(config.Steps);
        optimization = optimization with { Rule = optimization.Rule with { Beta2 = config.Beta2, Epsilon = config.Epsilon } };
        return new TrainingSettings
        {
            Steps = config.Steps,
            Optimization = MatrixDecay.Over(optimization, config.Optimizer.WeightDecay),
            Seed = (ulong)config.Seed,
            CheckpointEvery = config.CheckpointEvery,
            Start = config.From.Length > 0 ? [new StartWeights(config.From)] : [],
        };
    }

    private static void Require(ContrastiveTrainingConfig config, ClipTokenizer tokenizer)
    {
        SettingsRule rule = new("training of a CLIP");
        if (config.Image.Misfit() is (string member, string found, string expected))
        {
            rule.Require(false, $"image.{member}", found, expected);
        }

        rule.RequireRun(config.Steps, config.Batch, config.CheckpointEvery, config.Optimizer.LearningRate);
        rule.Require(config.Batch > 1, "batch", $"{config.Batch}", "2 pairs or more, which are told apart");
        rule.Require(config.Width > 0 && config.Height > 0 && config.Width % 32 == 0 && config.Height % 32 == 0, "width, height",
            $"{config.Width} x {config.Height}", "multiples of 32");
        rule.Require(config.Text.Heads > 0 && config.Text.Width % config.Text.Heads == 0, "text.width, text.heads",
            $"{config.Text.Width}, {config.Text.Heads}", "a width that the heads divide");
        rule.Require(tokenizer.Count == config.Text.Vocabulary, "vocabulary, text.vocabulary", $"{tokenizer.Count} tokens, {config.Text.Vocabulary}",
            "as many as the text tower has");
        rule.Require(config.StartScale > 0 && config.LargestScale >= config.StartScale, "startScale, largestScale",
            FormattableString.Invariant($"{config.StartScale}, {config.LargestScale}"), "above 0, and at least the start");
    }
}
