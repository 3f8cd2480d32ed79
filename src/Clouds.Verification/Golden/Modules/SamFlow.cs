using Clouds.Graph.Building;
using Clouds.Models.Sam;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Segment Anything's predictor on a case's image, step by step: resized, normalised, embedded; prompts answered at the image's own size.</summary>
internal sealed class SamFlow
{
    private readonly GoldenCase _golden;
    private readonly SamConfig _config;
    private readonly Device _device;
    private readonly CancellationToken _cancellation;
    private readonly GoldenTensor _embedding;

    public SamFlow(GoldenCase golden, SamConfig config, Device device, CancellationToken cancellation)
    {
        (_golden, _config, _device, _cancellation) = (golden, config, device, cancellation);
        GoldenTensor image = golden.Tensor("predictor.image");
        (int height, int width, int side) = ((int)image.Shape[0], (int)image.Shape[1], config.Encoder.ImageSize);
        Geometry = MaskGeometry.Of(height, width, side, 4 * config.Encoder.Grid);
        RgbImage pixels = new(width, height, Array.ConvertAll(image.AsIntegers(), level => (byte)level));
        RgbImage seen = PillowResize.Bilinear(pixels, Geometry.InputWidth, Geometry.InputHeight);
        float[] frame = new float[3 * side * side];
        new Normalisation(golden.Config.Doubles("pixel_mean"), golden.Config.Doubles("pixel_std")).Write(seen, frame, side, side);
        Outputs["predictor.resized"] = new GoldenTensor(Array.ConvertAll(seen.Pixels, level => (long)level), seen.Height, seen.Width, 3);
        Outputs["predictor.preprocessed"] = new GoldenTensor(frame, 1, 3, side, side);
        _embedding = Embed(Outputs["predictor.preprocessed"]);
        Outputs["predictor.image_embedding"] = _embedding;
    }

    /// <summary>What was computed so far, by the names of the case.</summary>
    public Dictionary<string, GoldenTensor> Outputs { get; } = [];

    private MaskGeometry Geometry { get; }

    /// <summary>Points or corners [N, P, 2] of the image, in the frame.</summary>
    public GoldenTensor Scaled(GoldenTensor places)
    {
        float across = (float)((double)Geometry.InputWidth / Geometry.OutputWidth);
        float down = (float)((double)Geometry.InputHeight / Geometry.OutputHeight);
        float[] scaled = [.. places.AsFloats().Select((place, i) => place * (i % 2 == 0 ? across : down))];
        return new GoldenTensor(scaled, places.Shape);
    }

    /// <summary>The choice of masks for points with labels, and from a mask prompt where there is one, under the names "PREFIX.*".</summary>
    public void Choose(string prefix, GoldenTensor points, GoldenTensor labels, GoldenTensor? mask = null)
    {
        (GoldenTensor masks, GoldenTensor scores) = Predict(points, labels, padded: true, mask, 1, 1 + _config.Decoder.Masks);
        Outputs[$"{prefix}.low_res"] = masks;
        Outputs[$"{prefix}.iou"] = scores;
        Outputs[$"{prefix}.mask_logits"] = Resized(masks);
    }

    /// <summary>The one mask for boxes [N, 4] in the frame, under the names "box.*".</summary>
    public void Box(GoldenTensor boxes)
    {
        long n = boxes.Shape[0];
        GoldenTensor labels = new(SamPrompts.CornerLabels(n), n, 2);
        (GoldenTensor masks, GoldenTensor scores) = Predict(new GoldenTensor(boxes.AsFloats(), n, 2, 2), labels, padded: false, null, 0, 1);
        Outputs["box.mask_logits"] = Resized(masks);
        Outputs["box.iou"] = scores;
    }

    /// <summary>Each prompt's mask of the highest score: its number [N], and its logits as a mask prompt [N, 1, 4 e, 4 e].</summary>
    public (GoldenTensor Best, GoldenTensor Mask) Best(GoldenTensor masks, GoldenTensor scores)
    {
        (int choices, int plane) = (_config.Decoder.Masks, Geometry.MaskPixels);
        int[] best = [.. Enumerable.Range(0, (int)scores.Shape[0]).Select(i => Enumerable.Range(0, choices).MaxBy(k => scores[(i * choices) + k]))];
        float[] chosen = [.. best.SelectMany((k, i) => masks.AsFloats().AsSpan(((i * choices) + k) * plane, plane).ToArray())];
        return (new GoldenTensor(Array.ConvertAll(best, k => (long)k), best.Length),
            new GoldenTensor(chosen, best.Length, 1, Geometry.MaskHeight, Geometry.MaskWidth));
    }

    private GoldenTensor Embed(GoldenTensor frame)
    {
        CaseGraph graph = new(_golden);
        Value image = graph.G.Input("frame", ElementType.Float, Shape.Of([.. frame.Shape]));
        graph.G.Output("embedding", new SegmentAnythingNetwork(_config).Embed(graph.G, image));
        return GraphRun.Run(graph.G, _device, _ => frame, graph.Weight, _cancellation)["embedding"];
    }

    private (GoldenTensor Masks, GoldenTensor Scores) Predict(GoldenTensor points, GoldenTensor labels, bool padded, GoldenTensor? mask, long from, long to)
    {
        CaseGraph graph = new(_golden);
        GraphBuilder g = graph.G;
        Value Input(string name, GoldenTensor tensor, ElementType type = ElementType.Float) => g.Input(name, type, Shape.Of([.. tensor.Shape]));
        (Value at, Value kind) = (Input("points", points), Input("labels", labels, ElementType.Int64));
        (at, kind) = padded ? SamPrompts.Padded(g, at, kind) : (at, kind);
        MaskPrediction answer = new SegmentAnythingNetwork(_config).Predict(
            g, Input("embedding", _embedding), at, kind, mask is null ? null : Input("mask", mask));
        g.Output("masks", g.Slice(answer.Masks, 1, from, to));
        g.Output("scores", g.Slice(answer.Scores, 1, from, to));
        GoldenTensor Feed(string name) => name switch { "points" => points, "labels" => labels, "mask" => mask!, _ => _embedding };
        IReadOnlyDictionary<string, GoldenTensor> outputs = GraphRun.Run(g, _device, Feed, graph.Weight, _cancellation);
        return (outputs["masks"], outputs["scores"]);
    }

    private GoldenTensor Resized(GoldenTensor masks) => SamPrompts.Resized(masks, Geometry);
}
