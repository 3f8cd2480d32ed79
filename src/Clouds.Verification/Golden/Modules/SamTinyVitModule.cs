using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>MobileSAM: TinyViT behind every stage and behind its neck, and the predictor with points and with boxes.</summary>
internal sealed class SamTinyVitModule : IGoldenModule
{
    public string Name => "sam_tinyvit";

    public bool Supports(GoldenCase golden, out string? why)
    {
        int stride = golden.Config.Int("layer2_downsample_stride", 1);
        why = stride == 1 ? null : $"a third stage that ends with a stride of {stride}";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        (TinyVitConfig encoder, SamConfig config) = Config(golden.Config);
        double threshold = golden.Config.Double("mask_threshold", 0);
        SamFlow flow = new(golden, config, device, cancellation);
        GoldenTensor points = flow.Scaled(golden.Tensor("predictor.points"));
        GoldenTensor boxes = flow.Scaled(golden.Tensor("predictor.boxes"));
        flow.Choose("predictor", points, golden.Tensor("predictor.labels"));
        flow.Box(boxes);
        Dictionary<string, GoldenTensor> outputs = flow.Outputs;
        outputs["predictor.scaled_points"] = points;
        outputs["box.scaled_boxes"] = boxes;
        outputs["predictor.masks"] = SamPrompts.Above(outputs["predictor.mask_logits"], threshold);
        outputs["predictor.best"] = flow.Best(outputs["predictor.low_res"], outputs["predictor.iou"]).Best;
        return outputs.Concat(Stages(golden, encoder, device, cancellation)).ToDictionary();
    }

    private static (TinyVitConfig Encoder, SamConfig Whole) Config(CaseConfig config)
    {
        TinyVitConfig encoder = new()
        {
            ImageSize = config.Int("img_size"),
            Channels = config.Int("out_chans"),
            Widths = config.Ints("embed_dims"),
            Depths = config.Ints("depths"),
            Heads = config.Ints("num_heads"),
            Windows = config.Ints("window_sizes"),
            FeedForward = config.Int("mlp_ratio"),
            Expansion = config.Int("mbconv_expand_ratio"),
            LocalKernel = config.Int("local_conv_size"),
        };
        return (encoder, new SamConfig { Encoder = encoder, MaskChannels = config.Int("mask_in_chans"), Decoder = SamPrompts.Decoder(config) });
    }

    private static IReadOnlyDictionary<string, GoldenTensor> Stages(
        GoldenCase golden, TinyVitConfig config, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        using (g.Scope(SegmentAnythingNetwork.EncoderScope))
        {
            TinyVit encoder = new(config);
            IReadOnlyList<Value> stages = encoder.Stages(g, graph.Input("encoder.input"));
            for (int stage = 0; stage < stages.Count; stage++)
            {
                Value map = stages[stage];
                g.Output($"encoder.layers.{stage}", g.Transpose(g.Reshape(map, [map.Shape[0], map.Shape[1], map.Shape[2] * map.Shape[3]]), 0, 2, 1));
            }

            g.Output("encoder.output", encoder.Build(g, g.Inputs[0]));
        }

        return graph.Run(device, cancellation);
    }
}
