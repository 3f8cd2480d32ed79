using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Segment Anything: image encoder, prompt encoder and mask decoder apart, post-processing, and the predictor from image to masks, twice.</summary>
internal sealed class SamModule : IGoldenModule
{
    public string Name => "sam";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = golden.Config.Bool("use_rel_pos", true) ? null : "an encoder without relative positions";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        SamConfig config = Config(golden.Config);
        double threshold = golden.Config.Double("mask_threshold", 0);
        Dictionary<string, GoldenTensor> outputs = Parts(golden, config, device, cancellation);
        outputs["postprocess.masks"] = SamPrompts.Resized(outputs["decoder.multi.masks"], Geometry(golden, config));

        SamFlow flow = new(golden, config, device, cancellation);
        GoldenTensor points = flow.Scaled(golden.Tensor("predictor.points"));
        flow.Choose("predictor", points, golden.Tensor("predictor.labels"));
        (GoldenTensor best, GoldenTensor mask) = flow.Best(flow.Outputs["predictor.low_res"], flow.Outputs["predictor.iou"]);
        flow.Choose("refine", points, golden.Tensor("predictor.labels"), mask);
        outputs["predictor.scaled_points"] = points;
        outputs["predictor.best"] = best;
        outputs["predictor.masks"] = SamPrompts.Above(flow.Outputs["predictor.mask_logits"], threshold);
        return outputs.Concat(flow.Outputs).ToDictionary();
    }

    private static SamConfig Config(CaseConfig config) => new()
    {
        Encoder = new SamVitConfig
        {
            ImageSize = config.Int("img_size"),
            Channels = config.Int("out_chans"),
            Patch = config.Int("patch"),
            Width = config.Int("embed_dim"),
            Depth = config.Int("depth"),
            Heads = config.Int("heads"),
            Window = config.Int("window"),
            GlobalBlocks = config.Ints("global_attn"),
            FeedForward = config.Int("mlp_ratio"),
        },
        MaskChannels = config.Int("mask_in_chans"),
        Decoder = SamPrompts.Decoder(config),
    };

    private static Dictionary<string, GoldenTensor> Parts(GoldenCase golden, SamConfig config, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        SegmentAnythingNetwork network = new(config);
        g.Output("encoder.output", network.Embed(g, graph.Input("encoder.input")));
        (Value points, Value labels) = (graph.Input("prompt.points"), graph.Input("prompt.labels", ElementType.Int64));
        Value mask = graph.Input("prompt.mask");
        (Value corners, Value cornerLabels) = SamPrompts.Corners(g, graph.Input("prompt.boxes"));
        (Value allPoints, Value allLabels) = (g.Concat(1, points, corners), g.Concat(1, labels, cornerLabels));
        using (g.Scope(SegmentAnythingNetwork.PromptScope))
        {
            PromptEncoder prompts = new(config);
            Shape map = [1, config.Encoder.Channels, config.Encoder.Grid, config.Encoder.Grid];
            (Value paddedPoints, Value paddedLabels) = SamPrompts.Padded(g, points, labels);
            g.Output("prompt.points_only.sparse", prompts.Points(g, paddedPoints, paddedLabels));
            g.Output("prompt.points_only.dense", g.Expand(prompts.NoMask(g), map));
            g.Output("prompt.boxes_only.sparse", prompts.Points(g, corners, cornerLabels));
            g.Output("prompt.all.sparse", prompts.Points(g, allPoints, allLabels));
            g.Output("prompt.all.dense", prompts.Mask(g, mask));
            g.Output("prompt.dense_pe", g.Reshape(g.Transpose(prompts.Cells(g), 1, 0), map));
        }

        MaskPrediction answer = network.Predict(g, graph.Input("decoder.image_embeddings"), allPoints, allLabels, mask);
        foreach ((string name, long from, long to) in new[] { ("multi", 1L, 1L + config.Decoder.Masks), ("single", 0L, 1L) })
        {
            g.Output($"decoder.{name}.masks", g.Slice(answer.Masks, 1, from, to));
            g.Output($"decoder.{name}.iou", g.Slice(answer.Scores, 1, from, to));
        }

        return graph.Run(device, cancellation).ToDictionary();
    }

    private static MaskGeometry Geometry(GoldenCase golden, SamConfig config)
    {
        int[] Size(string name) => Array.ConvertAll(golden.Tensor($"postprocess.{name}_size").AsIntegers(), side => (int)side);
        (int[] input, int[] original, int mask, int side) = (Size("input"), Size("original"), 4 * config.Encoder.Grid, config.Encoder.ImageSize);
        return new MaskGeometry(mask, mask, side, side, input[0], input[1], original[0], original[1]);
    }
}
