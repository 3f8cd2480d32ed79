using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>What is around the engine in either stage: its settings, a run that tells where it was saved, the model at its end.</summary>
/// <param name="config">Settings of the stage.</param>
/// <param name="classes">The source domain's.</param>
/// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
internal sealed class StageRun(SourceTrainingConfig config, ClassSet classes, Action<string>? warn)
{
    /// <summary>Settings of the engine, without start values, description and data.</summary>
    public TrainingSettings Settings()
    {
        IEncoder encoder = config.Network.Encoder.Create(config.Encoder.Trainable);
        return new TrainingSettings
        {
            Steps = config.Steps,
            Optimization = config.Optimizer.Over(config.Steps) with
            {
                Groups = ParameterGroups.All(config.Optimizer.WeightDecay, config.Encoder.LearningRateMultiplier),
                GroupOf = parameter => ParameterGroups.Of(parameter, encoder),
            },
            Seed = (ulong)config.Seed,
            CheckpointEvery = config.CheckpointEvery,
            MostSkipped = config.MostSkipped,
            Warn = warn,
        };
    }

    /// <summary>Runs the engine to its end, and tells what was skipped or, where it fails, which step it is saved at.</summary>
    public void Go(Trainer trainer, bool resume, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        RunState end;
        try
        {
            end = trainer.Run(resume, warn is null ? progress : new TimeForecast(progress, warn), cancellation);
        }
        catch
        {
            if (trainer.SavedStep is long step)
            {
                warn?.Invoke($"the run fails, and is saved as it was after step {step} of {config.Steps}; it can be resumed");
            }

            throw;
        }

        if (end.Skipped > 0)
        {
            warn?.Invoke($"{end.Skipped} of {end.Step} steps changed nothing, because their loss or gradient was not finite");
        }
    }

    /// <summary>Writes the model.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="trained">What was trained.</param>
    /// <param name="frozen">File of an encoder that was not; null where it was.</param>
    /// <param name="names">What a text classifier compares with; null for a linear one.</param>
    public void WriteModel(string path, ParameterArena trained, string? frozen, ClassEmbeddings? names)
    {
        ModelDescription description = new()
        {
            Network = config.Network,
            ClassNames = classes.Names,
            ClassColours = [.. classes.Colours.Select(colour => new ClassColour(colour.R, colour.G, colour.B))],
            Normalisation = config.Network.Encoder.Create().Colours,
            ShortSide = config.TestShortSide,
            ClassSynonyms = names?.Synonyms ?? [],
        };
        string? untrained = frozen ?? (config.Network.GeometricEnsemble ? config.Encoder.Weights : null);
        using FrozenWeights? encoder = untrained is null ? null : FrozenEncoder.Open(config, untrained, trained);
        ModelFile.Write(path, description, trained, encoder, names);
    }
}
