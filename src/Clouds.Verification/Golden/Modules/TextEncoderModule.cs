using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Stable Diffusion's text encoder; its vector at the end token too, where a case has one.</summary>
/// <param name="name">"sd_text_encoder" or "sd2_text_encoder".</param>
internal sealed class TextEncoderModule(string name) : IGoldenModule
{
    public string Name => name;

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        Value tokens = graph.Input("input.tokens", ElementType.Int64);
        Value hidden = new TextEncoder(Config(golden.Config)).Build(g, tokens);
        g.Output("last_hidden_state", hidden);
        Value end = g.ArgMax(g.Cast(tokens, ElementType.Float), 1);
        g.Output("pooled", g.GatherND(hidden, g.Unsqueeze(end, 1), batchAxes: 1));
        return graph.Run(device, cancellation);
    }

    internal static TextEncoderConfig Config(CaseConfig config) => new()
    {
        Width = config.Int("width"),
        Heads = config.Int("heads"),
        Layers = config.Int("layers"),
        Context = config.Int("context_length"),
        Vocabulary = config.Int("vocab_size"),
        QuickGelu = config.Text("hidden_act", "quick_gelu") == "quick_gelu",
    };
}
