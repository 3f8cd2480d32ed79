using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Weights of an encoder that is not trained. They stay in their file, from which sessions map them.</summary>
internal static class FrozenEncoder
{
    /// <summary>The weight file of a run: the configured one, the model that it starts from, or start values drawn once into the run's folder.</summary>
    public static string WeightsFor(SourceTrainingConfig config, RunFolder folder, Action<string>? warn)
    {
        string given = config.Encoder.Weights.Length > 0 ? config.Encoder.Weights : config.From;
        if (given.Length > 0)
        {
            return given;
        }

        warn?.Invoke("the frozen encoder has random weights, because training.encoder.weights is not set: nothing useful will be learned");
        if (!File.Exists(folder.RandomEncoder))
        {
            Draw(config, folder.RandomEncoder);
        }

        return folder.RandomEncoder;
    }

    /// <summary>What a model wants of the encoder and of the CLIP around it, and training has not changed, in its file.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the file does not fit; Numeric: an element is not finite.</exception>
    public static FrozenWeights Open(SourceTrainingConfig config, string weights, ParameterArena trained)
    {
        HashSet<string> changed = [.. trained.Slots.Select(slot => slot.Name)];
        return FrozenWeights.Open(weights, [.. Parameters(config).Where(parameter => !changed.Contains(parameter.Name))]);
    }

    private static void Draw(SourceTrainingConfig config, string path)
    {
        Parameter[] parameters = [.. Parameters(config).Where(parameter => parameter.IsRead)];
        using SafetensorsWriter writer = new(path, [.. parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        foreach (Parameter parameter in parameters)
        {
            writer.Write(parameter.Name, parameter.Initialize((ulong)config.Seed));
        }

        writer.Commit();
    }

    private static IReadOnlyCollection<Parameter> Parameters(SourceTrainingConfig config)
    {
        GraphBuilder g = new("encoder");
        IEncoder encoder = config.Network.Encoder.Create();
        Value image = g.Input("image", ElementType.Float, [1, 3, 32, 32]);
        if (config.Network.GeometricEnsemble)
        {
            new MaskFormer(config.Network, 1, text: TextBank.InFile([1], encoder)).Answer(g, image);
        }
        else
        {
            new MaskFormer(config.Network, 1).Encode(g, image);
        }

        return [.. g.Parameters.Where(parameter => parameter.Name.StartsWith($"{encoder.Scope}.", StringComparison.Ordinal))];
    }
}
