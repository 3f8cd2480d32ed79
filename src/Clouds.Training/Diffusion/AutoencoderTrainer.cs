using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>
/// Trains or fine-tunes a latent diffusion's autoencoder of any sizes on images. A run is a folder; it can be stopped at any moment and resumed with the bits
/// it would have had uninterrupted. Its model is the folder "vae" in it, as diffusers writes one, its scale measured.
/// </summary>
/// <param name="config">Settings.</param>
/// <param name="data">Images.</param>
/// <param name="options">Where it runs.</param>
public sealed class AutoencoderTrainer(AutoencoderTrainingConfig config, IImageSet data, TrainerOptions options)
{
    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="resume">Go on from the folder's checkpoint; the settings have to be those that it was begun with.</param>
    /// <param name="progress">Told after every step; metrics loss, absoluteError, squareError, divergence, learningRate.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// Usage: settings do not fit together, or are others than those of the run; bad input, weights that do not fit, a full disk, a loss that stays infinite:
    /// what was done is saved first.
    /// </exception>
    public void Run(bool resume = false, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        Require(config);
        using AutoencoderTraining training = new(config, data, options.Workers);
        new ModelRun(options, "autoencoder", config, data.Name).Run(training, Settings(), Write, resume, progress, cancellation);
    }

    private TrainingSettings Settings()
    {
        Optimization optimization = MatrixDecay.Over(config.Optimizer.Over(config.Steps), config.Optimizer.WeightDecay);
        optimization = optimization with { Rule = optimization.Rule with { Beta1 = config.Beta1, Beta2 = config.Beta2 } };
        return new TrainingSettings
        {
            Steps = config.Steps,
            Optimization = config.TrainEncoder ? optimization : WithoutEncoder(optimization),
            Seed = (ulong)config.Seed,
            CheckpointEvery = config.CheckpointEvery,
            Start = config.From.Length > 0 ? [new StartWeights(config.From)] : [],
        };
    }

    private static Optimization WithoutEncoder(Optimization optimization) => optimization with
    {
        Groups = [.. optimization.Groups, new ParameterGroup(0)],
        GroupOf = parameter => AutoencoderGraph.IsOfEncoder(parameter) ? optimization.Groups.Count : optimization.GroupOf(parameter),
    };

    private void Write(ParameterArena arena)
    {
        DiffusersModel model = new(options.Folder.Path);
        string weights = model.Weights(DiffusersModel.Autoencoder);
        ArenaFile.Write(weights, arena);
        double scale = config.TrainEncoder ? LatentScale.Measure(weights, config, data, options.Device, options.Threads) : config.Network.Scale;
        model.Configure(config.Network with { Scale = scale }, config.Width, config.Height);
    }

    private static void Require(AutoencoderTrainingConfig config)
    {
        SettingsRule rule = new("training of an autoencoder");
        rule.RequireRun(config.Steps, config.Batch, config.CheckpointEvery, config.Optimizer.LearningRate);
        LatentSizes.Require(rule, config.Network, config.Width, config.Height);
        rule.Require(config.TrainEncoder || config.From.Length > 0, "trainEncoder, from", "false, no file", "the file with the weights of the encoder");
        if (!config.TrainEncoder)
        {
            KnownScale.Require(rule, "network.scale", config.From, config.Network);
        }

        rule.Require(config.AbsoluteWeight + config.SquareWeight > 0, "absoluteWeight, squareWeight",
            string.Create(CultureInfo.InvariantCulture, $"{config.AbsoluteWeight}, {config.SquareWeight}"), "one of them above 0");
    }
}
