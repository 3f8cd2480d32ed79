using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>Weights of an encoder that is not trained. They stay in their file, from which sessions map them.</summary>
internal static class FrozenEncoder
{
    /// <summary>The weight file of a run: the configured one, or start values drawn once into the run's folder.</summary>
    public static string WeightsFor(SourceTrainingConfig config, RunFolder folder, Action<string>? warn)
    {
        if (config.Encoder.Weights.Length > 0)
        {
            return config.Encoder.Weights;
        }

        warn?.Invoke("the frozen encoder has random weights, because training.encoder.weights is not set: nothing useful will be learned");
        if (!File.Exists(folder.RandomEncoder))
        {
            Draw(config, folder.RandomEncoder);
        }

        return folder.RandomEncoder;
    }

    /// <summary>The encoder's parameters in their file.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the file does not fit; Numeric: an element is not finite.</exception>
    public static FrozenWeights Open(SourceTrainingConfig config, string weights) => FrozenWeights.Open(weights, Parameters(config));

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
        new MaskFormer(config.Network, classes: 1).Encode(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        return g.Parameters;
    }
}
