using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;

namespace Clouds.Training.SourceTraining;

/// <summary>A weight file of an encoder, whose sizes its tensors tell.</summary>
public static class EncoderFile
{
    private const string OurNames = "clouds";

    /// <summary>The sizes.</summary>
    /// <param name="path">As for <see cref="WeightSource.Open(string)"/>, under any names that are read.</param>
    /// <exception cref="CloudsException">Weights: it cannot be opened, or holds no encoder that is known.</exception>
    public static EncoderConfig Sizes(string path)
    {
        using WeightSource file = WeightSource.Open(path);
        (string dialect, string below) = NameMap.Recognise(file.Tensors.Keys) ?? (OurNames, "");
        EncoderConfig? encoder = EncoderConfig.Find(TensorShapes.Of(NameMap.Of(dialect).Apply(file, below)));
        return encoder is not null && encoder.Misfit() is null ? encoder : throw new CloudsException(
            Failure.Weights, "the file holds no encoder that is known", path, $"{file.Tensors.Count} tensors, '{file.Tensors.Keys.FirstOrDefault()}' first",
            "a ConvNeXt or ResNet of a CLIP, a ResNet or a Mix Transformer",
            "name the weights of a CLIP that `train clip` has made, or of a published encoder");
    }
}
