using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>The network on one image of one padded size, ready to run: "image" in, the last prediction out.</summary>
internal sealed class InferenceGraph : IDisposable
{
    private readonly GraphSession _session;

    /// <param name="description">The network.</param>
    /// <param name="weights">Its weights, given the parameters; they outlive this object.</param>
    /// <param name="height">Padded rows.</param>
    /// <param name="width">Padded columns.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="settings">Threads.</param>
    public InferenceGraph(
        ModelDescription description, Func<IReadOnlyCollection<Parameter>, SharedWeights> weights, int height, int width,
        Device device, SessionSettings settings)
    {
        GraphBuilder g = new("segment");
        MaskFormer network = new(description.Network, description.ClassNames.Count);
        Value image = g.Input("image", ElementType.Float, [1, 3, height, width]);
        Prediction answer = network.Decode(g, network.Encode(g, image))[^1];
        g.Output("class_logits", answer.ClassLogits);
        g.Output("mask_logits", answer.MaskLogits);
        SharedWeights shared = weights(g.Parameters);
        _session = device.CreateSession(OnnxModel.Write(g, shared.Weights.Elements), settings with { Weights = shared });
        Image = Bind("image", image.Shape);
        ClassLogits = Bind("class_logits", answer.ClassLogits.Shape);
        MaskLogits = Bind("mask_logits", answer.MaskLogits.Shape);
        (Height, Width) = (height, width);
    }

    /// <summary>Padded rows.</summary>
    public int Height { get; }

    /// <summary>Padded columns.</summary>
    public int Width { get; }

    /// <summary>Network input [3, H, W].</summary>
    public float[] Image { get; }

    /// <summary>[Q, K + 1].</summary>
    public float[] ClassLogits { get; }

    /// <summary>[Q, H/4, W/4].</summary>
    public float[] MaskLogits { get; }

    public void Run(CancellationToken cancellation) => _session.Run(cancellation);

    public void Dispose() => _session.Dispose();

    private float[] Bind(string name, Shape shape)
    {
        float[] buffer = new float[shape.ElementCount];
        _session.Bind<float>(name, buffer, shape.Sizes);
        return buffer;
    }
}
