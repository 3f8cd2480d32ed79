using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;

namespace Clouds.Native.Segmentation;

/// <summary>Opens a model file and holds it against the network that it describes, before anything runs.</summary>
internal static class ModelWeights
{
    /// <summary>The description and all weights of a model.</summary>
    /// <param name="source">The file, owned from now on and closed where it does not fit.</param>
    /// <returns>The weights belong to the caller.</returns>
    /// <exception cref="CloudsException">Weights: missing, damaged, no model of ours, or tensors that the network wants are missing or do not fit;
    /// Numeric: one is not finite.</exception>
    public static (ModelDescription Description, FrozenWeights Weights) Open(WeightSource source)
    {
        try
        {
            ModelDescription description = ModelDescription.Read(source);
            return (description, FrozenWeights.From(source, Parameters(description, source.Path)));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    // Sizes that no network can have are found where the network is built.
    private static IReadOnlyCollection<Parameter> Parameters(ModelDescription description, string path)
    {
        try
        {
            return InferenceGraph.ParametersOf(description);
        }
        catch (Exception e) when (e is CloudsException or ArgumentException or ArithmeticException or InvalidOperationException)
        {
            throw new CloudsException(Failure.Weights, "the model describes a network that cannot be built", path,
                e.Message.Split(Environment.NewLine)[0], next: "train again, or use the version of Clouds.Native that wrote it", inner: e);
        }
    }
}
