using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>CLIP's ResNet: stem, the four stages and the attention pool at the trained resolution, and stages and masked pool at another.</summary>
internal sealed class ClipResNetModule : IGoldenModule
{
    public string Name => "clip_resnet";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        ClipResNet network = new(Config(golden.Config));
        Pyramid square = Features(g, network, graph.Input("input.square"), "square");
        g.Output("square.attnpool", network.Embed(g, square.C5));
        Pyramid dense = Features(g, network, graph.Input("input.dense"), "dense");
        Value blocked = g.Sub(1f, g.GreaterMask(graph.Input("input.masks"), g.Constant(0f)));
        g.Output("dense.masked_attnpool", network.EmbedMasked(g, dense.C5, blocked));
        return graph.Run(device, cancellation);
    }

    internal static ClipResNetConfig Config(CaseConfig config) => new()
    {
        Blocks = config.Ints("layers"),
        Width = config.Int("width"),
        Heads = config.Int("heads"),
        Embedding = config.Int("output_dim"),
        Resolution = config.Int("resolution"),
    };

    private static Pyramid Features(GraphBuilder g, ClipResNet network, Value image, string prefix)
    {
        Pyramid pyramid = network.Build(g, image);
        foreach ((string name, Value value) in pyramid.Levels.Prepend(("stem", network.Stem(g, image))))
        {
            g.Output($"{prefix}.{name}", value);
        }

        return pyramid;
    }
}
