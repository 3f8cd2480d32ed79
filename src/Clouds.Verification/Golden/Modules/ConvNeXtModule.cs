using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>OpenCLIP's ConvNeXt tower: stem, the four stages, the image embedding, and the head on pooled vectors.</summary>
internal sealed class ConvNeXtModule : IGoldenModule
{
    public string Name => "convnext";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        ConvNeXt network = new(new ConvNeXtConfig { Depths = golden.Config.Ints("depths"), Widths = golden.Config.Ints("dims") });
        Value image = graph.Input("input");
        Pyramid pyramid = network.Build(g, image);
        g.Output("stem", network.Stem(g, image));
        foreach ((string name, Value value) in pyramid.Levels)
        {
            g.Output(name, value);
        }

        int embedding = golden.Config.Int("embed_dim");
        g.Output("embedding", ConvNeXt.Embed(g, g.GlobalAveragePool(pyramid.C5), embedding));
        g.Output("pooled_embedding", ConvNeXt.Embed(g, graph.Input("input.pooled"), embedding));
        return graph.Run(device, cancellation);
    }
}
