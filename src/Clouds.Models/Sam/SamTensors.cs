using System.Globalization;

namespace Clouds.Models.Sam;

/// <summary>Reads a network's sizes off its tensors.</summary>
internal static class SamTensors
{
    private const string Vit = "image_encoder.patch_embed.proj.weight";
    private const string Tiny = "image_encoder.patch_embed.seq.2.c.weight";
    private const string Decoder = "mask_decoder.transformer.layers.0";

    public static SamConfig? Find(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        int Extent(string name, int axis) => shapes.TryGetValue(name, out IReadOnlyList<long>? shape) && axis < shape.Count ? (int)shape[axis] : 0;
        int Count(string pattern) => Enumerable.Range(0, shapes.Count + 1)
            .First(i => !shapes.ContainsKey(string.Format(CultureInfo.InvariantCulture, pattern, i)));

        ImageEmbedderConfig? encoder = shapes.ContainsKey(Vit) ? VitOf(Extent, Count) : shapes.ContainsKey(Tiny) ? TinyOf(Extent, Count) : null;
        SamConfig? config = encoder is null ? null : new SamConfig
        {
            Encoder = encoder,
            MaskChannels = Extent("prompt_encoder.mask_downscaling.3.weight", 0),
            Decoder = new MaskDecoderConfig
            {
                Layers = Count("mask_decoder.transformer.layers.{0}.norm1.weight"),
                FeedForward = Extent($"{Decoder}.mlp.lin1.weight", 0),
                Masks = Extent("mask_decoder.mask_tokens.weight", 0) - 1,
                ScoreWidth = Extent("mask_decoder.iou_prediction_head.layers.0.weight", 0),
                ScoreLayers = Count("mask_decoder.iou_prediction_head.layers.{0}.weight"),
            },
        };
        return config?.Misfit() is null ? config : null;
    }

    // Tables of distances tell widths of heads and sizes of windows.
    private static SamVitConfig VitOf(Func<string, int, int> extent, Func<string, int> count)
    {
        (int patch, int grid, int width) = (extent(Vit, 2), extent("image_encoder.pos_embed", 1), extent(Vit, 0));
        int depth = count("image_encoder.blocks.{0}.norm1.weight");
        int[] windows = [.. Enumerable.Range(0, depth).Select(block => (extent($"image_encoder.blocks.{block}.attn.rel_pos_h", 0) + 1) / 2)];
        return new SamVitConfig
        {
            ImageSize = patch * grid,
            Channels = extent("image_encoder.neck.0.weight", 0),
            Patch = patch,
            Width = width,
            Depth = depth,
            Heads = width / Math.Max(1, extent("image_encoder.blocks.0.attn.rel_pos_h", 1)),
            Window = windows.Where(window => window != grid).DefaultIfEmpty(grid).First(),
            GlobalBlocks = [.. Enumerable.Range(0, depth).Where(block => windows[block] == grid)],
            FeedForward = extent("image_encoder.blocks.0.mlp.lin1.weight", 0) / Math.Max(1, width),
        };
    }

    private static TinyVitConfig TinyOf(Func<string, int, int> extent, Func<string, int> count)
    {
        int Bias(int stage, int axis) => extent($"image_encoder.layers.{stage}.blocks.0.attn.attention_biases", axis);
        int width = extent(Tiny, 0);
        int second = extent("image_encoder.layers.1.blocks.0.attn.norm.weight", 0);
        return new TinyVitConfig
        {
            Channels = extent("image_encoder.neck.0.weight", 0),
            Widths = [width, .. Enumerable.Range(1, 3).Select(stage => extent($"image_encoder.layers.{stage}.blocks.0.attn.norm.weight", 0))],
            Depths = [count("image_encoder.layers.0.blocks.{0}.conv1.c.weight"),
                .. Enumerable.Range(1, 3).Select(stage => count($"image_encoder.layers.{stage}.blocks.{{0}}.attn.norm.weight"))],
            Heads = [TinyVitConfig.Mobile.Heads[0], .. Enumerable.Range(1, 3).Select(stage => Bias(stage, 0))],
            Windows = [TinyVitConfig.Mobile.Windows[0], .. Enumerable.Range(1, 3).Select(stage => (int)Math.Sqrt(Bias(stage, 1)))],
            FeedForward = extent("image_encoder.layers.1.blocks.0.mlp.fc1.weight", 0) / Math.Max(1, second),
            Expansion = extent("image_encoder.layers.0.blocks.0.conv1.c.weight", 0) / Math.Max(1, width),
            LocalKernel = extent("image_encoder.layers.1.blocks.0.local_conv.c.weight", 2),
        };
    }
}
