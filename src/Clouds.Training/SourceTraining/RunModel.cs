using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.Validation;

namespace Clouds.Training.SourceTraining;

/// <summary>The model that a run's parameters make: its description, and the weights that training leaves as they are.</summary>
/// <param name="config">Settings of the run.</param>
/// <param name="classes">What is trained.</param>
/// <param name="frozen">Weight file of an encoder that is not trained; null where it is.</param>
/// <param name="names">What a text classifier compares with; null for a linear one.</param>
internal sealed class RunModel(SourceTrainingConfig config, ClassSet classes, string? frozen, ClassEmbeddings? names)
{
    private long FrozenBytes => Untrained is string given && new FileInfo(CarriedWeights.PathOf(given)) is { Exists: true } file ? file.Length : 0;

    private string? Untrained => frozen ?? (config.Network.GeometricEnsemble ? config.Encoder.Weights : null);

    /// <summary>Writes it.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="trained">The parameters, in the host's buffer.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: the disk is full; Weights: the encoder's file has changed.</exception>
    public void Write(string path, ParameterArena trained)
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
        using FrozenWeights? encoder = Untrained is string file ? FrozenEncoder.Open(config, file, trained) : null;
        ModelFile.Write(path, description, trained, encoder, names);
    }

    /// <summary>Settings of a trainer that also looks how good the model is, where there is anything to look at, and foresees the files of both.</summary>
    /// <param name="settings">The trainer's.</param>
    /// <param name="folder">The run.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="threads">Processor threads.</param>
    /// <param name="cuda">How it runs on a GPU.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Usage or BadInput: a set cannot be opened, or has other classes.</exception>
    public TrainingSettings Scored(TrainingSettings settings, RunFolder folder, Device device, int threads, CudaOptions cuda)
    {
        ValidationConfig how = config.Validation;
        settings = settings with { Models = 1, FrozenBytes = FrozenBytes };
        if (how.Data.Count == 0)
        {
            return settings;
        }

        SegmenterOptions options = new() { Device = ComputeDevice.Parse(device.ToString()), Threads = threads, Cuda = cuda };
        SegmenterValidation judge = new(ValidationSets.Open(how, classes, settings.Warn), folder, Write, options, settings.Warn);
        return settings with { Validation = new ValidationPlan(judge, how.Every, how.Before, how.Patience), Models = 3 };
    }
}
