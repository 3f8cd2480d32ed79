using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Mask2Former's transformer decoder with the linear and the text classifier: every prediction, attention masks, all gradients.</summary>
internal sealed class TransformerDecoderModule : IGoldenModule
{
    private const string TextVariant = "clouds";

    public string Name => "transformer_decoder";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string variant = golden.Config.Text("variant");
        why = variant is not ("mask2former" or TextVariant) ? $"variant {variant}" : golden.Config.Bool("pre_norm", false) ? "pre_norm" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        Value[] levels = [.. Enumerable.Range(0, 3).Select(i => graph.Input($"input.x.{i}"))];
        Value maskFeatures = graph.Input("input.mask_features");
        Value? bank = golden.Config.Text("variant") == TextVariant ? graph.Input("input.text_classifier") : null;
        TextRows? text = bank is null ? null : TextRows.Of(g, bank, golden.Config.Ints("num_templates"));
        TransformerDecoder decoder = new(Config(golden.Config), golden.Config.Int("num_classes"), text);
        IReadOnlyList<Prediction> predictions = decoder.Build(g, new PixelDecoderOutput(maskFeatures, levels));

        List<(string Name, Value Value)> outputs = [];
        for (int i = 0; i < predictions.Count; i++)
        {
            string prefix = i == predictions.Count - 1 ? "" : $"aux.{i}.";
            outputs.Add(($"{prefix}pred_logits", predictions[i].ClassLogits));
            outputs.Add(($"{prefix}pred_masks", predictions[i].MaskLogits));
            g.Output($"attn_mask.{i}", predictions[i].Blocked);
        }

        foreach ((string name, Value value) in outputs)
        {
            g.Output(name, value);
        }

        (string, Value)[] texts = bank is null ? [] : [("text_classifier", bank)];
        graph.Differentiate(outputs, [.. levels.Select((level, i) => ($"x.{i}", level)), ("mask_features", maskFeatures), .. texts]);
        return graph.Run(device, cancellation);
    }

    private static TransformerDecoderConfig Config(CaseConfig config) => new()
    {
        Width = config.Int("hidden_dim"),
        MaskWidth = config.Int("mask_dim"),
        Queries = config.Int("num_queries"),
        Layers = config.Int("dec_layers"),
        Heads = config.Int("nheads"),
        FeedForward = config.Int("dim_feedforward"),
    };
}
