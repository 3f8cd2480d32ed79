using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;

namespace Clouds.Cli.Method;

/// <summary>The image encoder of a CLIP, as its weights tell it.</summary>
internal static class ClipEncoder
{
    /// <summary>Kind and sizes.</summary>
    /// <param name="path">The weight file.</param>
    /// <exception cref="CloudsException">Weights: it cannot be read, or holds no encoder that is known.</exception>
    public static EncoderConfig Of(string path)
    {
        using WeightSource source = Named(WeightSource.Open(path));
        return EncoderConfig.Find(TensorShapes.Of(source)) ?? throw new CloudsException(
            Failure.Weights, "the weights hold no image encoder that is known", path, $"{source.Tensors.Count} tensors of other names",
            string.Join(", ", EncoderConfig.Published.Keys), "name the weights of a CLIP that `clouds train clip` has trained, or a published one");
    }

    private static WeightSource Named(WeightSource source) =>
        NameMap.Recognise(source.Tensors.Keys) is (string dialect, string below) ? NameMap.Of(dialect).Apply(source, below) : source;
}
