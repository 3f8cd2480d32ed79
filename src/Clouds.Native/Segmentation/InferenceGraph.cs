using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Portable;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>The network for images of one padded size: a session with the input "image" and the last prediction as outputs.</summary>
internal sealed class InferenceGraph : IDisposable
{
    /// <summary>Input: float [1, 3, H, W], normalised.</summary>
    public const string Image = PortableSegmenter.Image;

    /// <summary>Output: float [1, Q, H/4, W/4].</summary>
    public const string MaskLogits = PortableSegmenter.MaskLogits;

    /// <summary>Output on a processor: float [1, Q, K + 1].</summary>
    public const string ClassLogits = PortableSegmenter.ClassLogits;

    /// <summary>Output on a GPU, where nothing comes down between network and labels: float [1, Q, K], without the no-object class.</summary>
    public const string Probabilities = "class_probabilities";

    private readonly ModelDescription _description;

    /// <param name="description">The network.</param>
    /// <param name="weights">Its weights; they outlive this object.</param>
    /// <param name="height">Padded rows.</param>
    /// <param name="width">Padded columns.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="memory">Asked whether a GPU has room for it; null on a processor.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: it has not.</exception>
    public InferenceGraph(
        ModelDescription description, SharedWeights weights, int height, int width,
        Device device, SessionSettings settings, InferenceMemory? memory = null)
    {
        (_description, Height, Width) = (description, height, width);
        GraphBuilder g = new("segment");
        Prediction answer = Answer(g, description, height, width);
        (string name, Value classes) = device.TensorGpu is null
            ? (ClassLogits, answer.ClassLogits)
            : (Probabilities, g.Slice(g.Softmax(answer.ClassLogits), axis: 2, from: 0, to: Shape.Classes));
        g.Output(name, classes);
        g.Output(MaskLogits, answer.MaskLogits);
        DeviceBytes = memory?.Require(g, weights.Weights, height, width, Shape.Classes) ?? 0;
        Session = device.CreateSession(OnnxModel.Write(g, weights.Weights.Elements), settings with { Weights = weights });
    }

    /// <summary>Padded rows.</summary>
    public int Height { get; }

    /// <summary>Padded columns.</summary>
    public int Width { get; }

    /// <summary>Its sizes.</summary>
    public InferenceShape Shape => new(_description.Network.TransformerDecoder.Queries, _description.ClassNames.Count, Height, Width);

    /// <summary>Bytes that were foreseen for it on a GPU, weights left out; 0 on a processor.</summary>
    public long DeviceBytes { get; }

    public GraphSession Session { get; }

    /// <summary>The network's parameters; they are the same for images of any size.</summary>
    public static IReadOnlyCollection<Parameter> ParametersOf(ModelDescription description)
    {
        GraphBuilder g = new("parameters");
        Answer(g, description, 32, 32);
        return g.Parameters;
    }

    public void Dispose() => Session.Dispose();

    private static Prediction Answer(GraphBuilder g, ModelDescription description, int height, int width) =>
        description.Create().Answer(g, g.Input(Image, ElementType.Float, [1, 3, height, width]));
}
