using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>The network on one image of one padded size, ready to run: "image" in, the last prediction out.</summary>
internal sealed class InferenceGraph : IDisposable
{
    private readonly GraphSession _session;

    public InferenceGraph(ModelDescription description, string weights, int height, int width, Device device, SessionSettings settings)
    {
        GraphBuilder g = new("segment");
        MaskFormer network = new(description.Network, description.ClassNames.Count);
        Value image = g.Input("image", ElementType.Float, [1, 3, height, width]);
        Prediction answer = network.Decode(g, network.Encode(g, image))[^1];
        g.Output("class_logits", answer.ClassLogits);
        g.Output("mask_logits", answer.MaskLogits);
        FrozenWeights frozen = FrozenWeights.FromFile(weights, g.Parameters);
        _session = device.CreateSession(OnnxModel.Write(g, frozen.Elements), settings with { ExternalDataFolder = frozen.Folder });
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
