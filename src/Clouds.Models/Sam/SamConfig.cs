namespace Clouds.Models.Sam;

/// <summary>Sizes of the whole network: image encoder, prompt encoder and mask decoder (method.md section 4.3).</summary>
public sealed record SamConfig
{
    /// <summary>Image encoder. Reference code of CLOUDS: MobileSAM's.</summary>
    public ImageEmbedderConfig Encoder { get; init; } = TinyVitConfig.Mobile;

    /// <summary>Channels in which mask prompts are looked at, a multiple of 4. Segment Anything: 16.</summary>
    public int MaskChannels { get; init; } = 16;

    /// <summary>Mask decoder.</summary>
    public MaskDecoderConfig Decoder { get; init; } = new();

    /// <summary>The published networks under the keys of method.md section 4.1.</summary>
    public static IReadOnlyDictionary<string, SamConfig> Published { get; } = new OrderedDictionary<string, SamConfig>
    {
        ["vit_t"] = new(),
        ["vit_b"] = new() { Encoder = SamVitConfig.Base },
        ["vit_l"] = new() { Encoder = SamVitConfig.Large },
        ["vit_h"] = new() { Encoder = SamVitConfig.Huge },
    };

    /// <summary>
    /// The network that tensors belong to, told by their names and sizes alone. What they do not tell is as in the published networks: the decoder's heads,
    /// and TinyViT's frame.
    /// </summary>
    /// <param name="shapes">Extents by name, from "image_encoder." on.</param>
    /// <returns>Null where they belong to no Segment Anything.</returns>
    public static SamConfig? Find(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes) => SamTensors.Find(shapes);

    /// <summary>What does not fit together in this record: the member, what was found and what is expected; null where everything fits.</summary>
    public (string Member, string Found, string Expected)? Misfit() =>
        Encoder.Misfit() is (string member, string found, string expected) ? ($"encoder.{member}", found, expected)
        : MaskChannels < 4 || MaskChannels % 4 != 0 ? ("maskChannels", $"{MaskChannels}", "a multiple of 4")
        : Decoder.Layers < 1 || Decoder.FeedForward < 1 || Decoder.Masks < 1 || Decoder.ScoreWidth < 1 || Decoder.ScoreLayers < 1
            ? ("decoder", "a number below 1", "1 or more")
        : Decoder.Heads < 1 || Encoder.Channels % (2 * Decoder.Heads) != 0 || Encoder.Channels % 8 != 0
            ? ("decoder.heads", $"{Decoder.Heads}", $"at least 1; twice the heads, and 8, divide the channels, {Encoder.Channels}")
        : null;
}
