using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>Points of prompts in a graph.</summary>
/// <param name="Places">[N, P, 2] as <see cref="PromptEncoder.Points"/> wants them.</param>
/// <param name="Labels">int64 [N, P].</param>
public sealed record PromptPoints(Value Places, Value Labels);

/// <summary>
/// Segment Anything as in figure 4 of its paper (Kirillov et al. 2023): an image encoder that runs once an image, and prompt encoder and mask decoder that run
/// once for each batch of prompts. Parameter names are those of the official checkpoints: "image_encoder", "prompt_encoder", "mask_decoder".
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class SegmentAnythingNetwork(SamConfig config)
{
    /// <summary>First part of the names of the image encoder's parameters.</summary>
    public const string EncoderScope = "image_encoder";

    /// <summary>First part of the names of the prompt encoder's parameters.</summary>
    public const string PromptScope = "prompt_encoder";

    private const string DecoderScope = "mask_decoder";

    // N images or prompts · S = config.Encoder.ImageSize · C = config.Encoder.Channels · e = config.Encoder.Grid · P points · m = config.Decoder.Masks
    /// <summary>image [N, 3, S, S], normalised, zeros around the image, to embeddings [N, C, e, e].</summary>
    public Value Embed(GraphBuilder g, Value image)
    {
        using IDisposable scope = g.Scope(EncoderScope);
        return config.Encoder.Create().Build(g, image);
    }

    /// <summary>Masks for N prompts about one image, or about N images.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="embedding">[1, C, e, e], or [N, C, e, e].</param>
    /// <param name="points">[N, P, 2] as <see cref="PromptEncoder.Points"/> wants them.</param>
    /// <param name="labels">int64 [N, P].</param>
    /// <param name="mask">[N, 1, 4 e, 4 e], or null: no mask prompts.</param>
    public MaskPrediction Predict(GraphBuilder g, Value embedding, Value points, Value labels, Value? mask = null) =>
        Predict(g, embedding, new PromptPoints(points, labels), mask);

    /// <summary>The same where there may be masks alone.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="embedding">As above.</param>
    /// <param name="points">Null: the prompts are masks and nothing else.</param>
    /// <param name="mask">As above; not null where there are no points.</param>
    public MaskPrediction Predict(GraphBuilder g, Value embedding, PromptPoints? points, Value? mask)
    {
        Value image, places;
        Value? prompts;
        using (g.Scope(PromptScope))
        {
            PromptEncoder encoder = new(config);
            image = g.Add(embedding, mask is null ? encoder.NoMask(g) : encoder.Mask(g, mask));                 // [N or 1, C, e, e]
            places = encoder.Cells(g);                                                                          // [e·e, C]
            prompts = points is null ? null : encoder.Points(g, points.Places, points.Labels);                  // [N, P, C]
        }

        using IDisposable scope = g.Scope(DecoderScope);
        return new MaskDecoder(config.Decoder).Build(g, image, places, prompts);
    }

    /// <summary>All parameters of the network, in the order of the figure.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="withDecoder">Whether those behind the image encoder are among them.</param>
    public static IReadOnlyCollection<Parameter> ParametersOf(SamConfig config, bool withDecoder = true)
    {
        GraphBuilder g = new("parameters");
        SegmentAnythingNetwork network = new(config);
        (long size, long grid) = (config.Encoder.ImageSize, config.Encoder.Grid);
        Value embedding = network.Embed(g, g.Input("image", ElementType.Float, [1, 3, size, size]));
        if (!withDecoder)
        {
            return g.Parameters;
        }

        Value points = g.Input("points", ElementType.Float, [1, 1, 2]);
        Value labels = g.Input("labels", ElementType.Int64, [1, 1]);
        network.Predict(g, embedding, points, labels);
        network.Predict(g, embedding, points, labels, g.Input("mask", ElementType.Float, [1, 1, 4 * grid, 4 * grid]));
        return g.Parameters;
    }
}
