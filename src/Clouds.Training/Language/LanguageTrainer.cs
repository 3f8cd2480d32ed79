using Clouds.Diagnostics;
using Clouds.Models.Llama;
using Clouds.Training.Engine;

namespace Clouds.Training.Language;

/// <summary>
/// Trains or fine-tunes a Llama of any sizes on texts. A run is a folder; it can be stopped at any moment and resumed with the bits it would have had
/// uninterrupted. Its model is the folder "model" in it, as Hugging Face's library writes one.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="texts">Texts as tokens.</param>
/// <param name="options">Where it runs.</param>
public sealed class LanguageTrainer(LanguageTrainingConfig config, ITokenizedTexts texts, TrainerOptions options)
{
    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="resume">Go on from the folder's checkpoint; the settings have to be those that it was begun with.</param>
    /// <param name="progress">Told after every step; metrics loss (nats a token), found, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// Usage: settings do not fit together, or are others than those of the run; bad input, weights that do not fit, a full disk, a loss that stays infinite:
    /// what was done is saved first.
    /// </exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        SettingsRule rule = new("training of a language model");
        Require(rule);
        ITextWindows windows = Windows(rule);
        rule.Require(windows.Largest < config.Network.Vocabulary, "texts, network.vocabulary", $"token {windows.Largest}, {config.Network.Vocabulary}",
            "tokens below the vocabulary");
        LanguageTraining training = new(config, windows);
        new ModelRun(options, "language", config, texts.Name).Run(
            training, Settings(), arena => LlamaModel.Write(ModelOf(options.Folder), config, arena), resume, progress, cancellation);
    }

    /// <summary>The folder of the model in a run's folder.</summary>
    public static string ModelOf(RunFolder folder) => Path.Combine(folder.Path, "model");

    private ITextWindows Windows(SettingsRule rule)
    {
        TokenizedText[] read = [.. Enumerable.Range(0, texts.Count).Select(texts.Read)];
        if (config.Packed)
        {
            return new PackedTexts(read, config.Length, (ulong)config.Seed);
        }

        SingleTexts single = new(read, config.Length, (ulong)config.Seed);
        rule.Require(single.MostGiven <= config.Length, "texts, length", $"a question of {single.MostGiven} tokens, {config.Length}",
            "windows that have room for more than the question");
        return single;
    }

    private TrainingSettings Settings()
    {
        Optimization optimization = config.Optimizer.Over(config.Steps);
        optimization = optimization with { Rule = optimization.Rule with { Beta2 = config.Beta2 } };
        return new TrainingSettings
        {
            Steps = config.Steps,
            Optimization = MatrixDecay.Over(optimization, config.Optimizer.WeightDecay),
            Seed = (ulong)config.Seed,
            CheckpointEvery = config.CheckpointEvery,
            Start = config.From.Length > 0 ? [new StartWeights(config.From)] : [],
        };
    }

    private void Require(SettingsRule rule)
    {
        LlamaConfig network = config.Network;
        rule.RequireRun(config.Steps, config.Batch, config.CheckpointEvery, config.Optimizer.LearningRate);
        rule.Require(config.Length > 0 && config.Length <= network.Context, "length, network.context", $"{config.Length}, {network.Context}",
            "1 or more, and at most the context");
        rule.Require(network.Heads > 0 && network.KeyValueHeads > 0 && network.Heads % network.KeyValueHeads == 0, "network.heads, network.keyValueHeads",
            $"{network.Heads}, {network.KeyValueHeads}", "heads of keys that divide the heads");
        rule.Require(network.HeadSize > 0 && network.HeadSize % 2 == 0 && (network.HeadWidth > 0 || network.Width % network.Heads == 0),
            "network.width, network.heads, network.headWidth", $"{network.Width}, {network.Heads}, {network.HeadWidth}", "heads of an even width");
        rule.Require(config.Start < network.Vocabulary && config.End < network.Vocabulary, "start, end, network.vocabulary",
            $"{config.Start}, {config.End}, {network.Vocabulary}", "tokens below the vocabulary");
    }
}
