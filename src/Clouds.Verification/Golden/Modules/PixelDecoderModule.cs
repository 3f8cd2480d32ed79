using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Mask2Former's pixel decoder: outputs and all gradients.</summary>
internal sealed class PixelDecoderModule : IGoldenModule
{
    public string Name => "pixel_decoder";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string levels = string.Join(", ", golden.Config["transformer_in_features"].EnumerateArray());
        string norm = golden.Config.Text("norm", "GN");
        why = levels != "res3, res4, res5" ? $"deformable levels {levels}" : norm != "GN" ? $"normalisation {norm}" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        Value[] features = [.. Enumerable.Range(2, 4).Select(level => graph.Input($"input.res{level}"))];
        PixelDecoderOutput decoded = new PixelDecoder(Config(golden.Config)).Build(g, new Pyramid(features[0], features[1], features[2], features[3]));
        (string Name, Value Value)[] outputs = [("mask_features", decoded.MaskFeatures), .. decoded.Levels.Select((level, i) => ($"multi_scale.{i}", level))];
        foreach ((string name, Value value) in outputs)
        {
            g.Output(name, value);
        }

        graph.Differentiate(outputs, [.. features.Select((feature, i) => ($"res{i + 2}", feature))]);
        return graph.Run(device, cancellation);
    }

    internal static PixelDecoderConfig Config(CaseConfig config) => new()
    {
        Width = config.Int("conv_dim"),
        MaskWidth = config.Int("mask_dim"),
        Layers = config.Int("enc_layers"),
        Heads = config.Int("nheads"),
        FeedForward = config.Int("dim_feedforward"),
    };
}
