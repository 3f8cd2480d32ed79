using Clouds.Graph.Building;
using Clouds.Models.Clip;
using Clouds.Models.Layers;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>CLIP's text tower: every token's vector, the texts' embeddings, and the rows of the text classifier.</summary>
internal sealed class ClipTextModule : IGoldenModule
{
    public string Name => "clip_text";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string activation = golden.Config.Text("act");
        why = activation is "quick_gelu" or "gelu" ? null : $"activation {activation}";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        ClipText network = new(Config(golden.Config), golden.Config.Int("embed_dim"));
        Value tokens = graph.Input("input.tokens", ElementType.Int64);
        Value hidden = network.Hidden(g, tokens);
        Value features = network.Embed(g, tokens, hidden);
        g.Output("last_hidden_state", hidden);
        g.Output("text_features", features);
        g.Output("text_features_normalized", UnitLength.Of(g, features));
        g.Output("classifier", ClassPrompts.Average(g, network.Build(g, graph.Input("input.classifier_tokens", ElementType.Int64))));
        return graph.Run(device, cancellation);
    }

    private static ClipTextConfig Config(CaseConfig config) => new()
    {
        Width = config.Int("width"),
        Heads = config.Int("heads"),
        Layers = config.Int("layers"),
        Context = config.Int("context_length"),
        Vocabulary = config.Int("vocab_size"),
        QuickGelu = config.Text("act") == "quick_gelu",
    };
}
