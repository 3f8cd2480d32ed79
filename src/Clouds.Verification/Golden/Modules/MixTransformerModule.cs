using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>SegFormer's Mix Transformer: the four stages.</summary>
internal sealed class MixTransformerModule : IGoldenModule
{
    public string Name => "mit";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        MixTransformer network = new(new MixTransformerConfig
        {
            Depths = golden.Config.Ints("depths"),
            Widths = golden.Config.Ints("embed_dims"),
            Heads = golden.Config.Ints("num_heads"),
            Reductions = golden.Config.Ints("sr_ratios"),
            FeedForward = golden.Config.Ints("mlp_ratios"),
        });
        foreach ((string name, Value value) in network.Build(graph.G, graph.Input("input")).Levels)
        {
            graph.G.Output(name, value);
        }

        return graph.Run(device, cancellation);
    }
}
