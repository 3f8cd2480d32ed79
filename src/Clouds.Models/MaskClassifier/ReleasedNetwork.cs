using Clouds.Graph.Weights;
using Clouds.Models.Encoders;

namespace Clouds.Models.MaskClassifier;

/// <summary>
/// The network in a checkpoint of CLOUDS, FC-CLIP or Mask2Former, as the extents of its tensors tell it (method.md sections 1.6 and 1.9). What they do not
/// tell is as in the reference; a tensor that is missing is found when the weights are held against the network.
/// </summary>
/// <param name="Network">Sizes and classifier.</param>
/// <param name="Classes">Number of classes that it was trained with, "no object" not counted; null where nothing tells.</param>
public sealed record ReleasedNetwork(MaskFormerConfig Network, int? Classes)
{
    private const string Predictor = "sem_seg_head.predictor";

    // FC-CLIP's released settings, whose ensemble is on; those of CLOUDS have 100 queries, and it is off.
    private const int QueriesOfFcClip = 250;

    /// <summary>Whether there is such a head, whatever its encoder.</summary>
    /// <param name="shapes">Extents under our names.</param>
    public static bool HasHead(TensorShapes shapes) =>
        shapes.Has($"{Predictor}.query_feat.weight") && shapes.Has("sem_seg_head.pixel_decoder.mask_features.weight");

    /// <summary>The network; null where there is no such head, or its encoder is none of ours.</summary>
    /// <param name="shapes">Extents under our names.</param>
    public static ReleasedNetwork? Find(TensorShapes shapes) =>
        HasHead(shapes) && EncoderConfig.Find(shapes) is EncoderConfig encoder ? new(Sizes(shapes, encoder), TrainedClasses(shapes)) : null;

    private static MaskFormerConfig Sizes(TensorShapes shapes, EncoderConfig encoder)
    {
        bool text = shapes.Has($"{Predictor}.class_embed.layers.0.weight");
        PixelDecoderConfig pixels = PixelDecoderConfig.Find(shapes, new PixelDecoderConfig());
        TransformerDecoderConfig queries = TransformerDecoderConfig.Find(shapes, new TransformerDecoderConfig(), pixels.Heads);
        return new MaskFormerConfig
        {
            Encoder = encoder,
            PixelDecoder = pixels,
            TransformerDecoder = queries,
            Classifier = text ? ClassifierKind.Text : ClassifierKind.Linear,
            GeometricEnsemble = text && queries.Queries == QueriesOfFcClip,
        };
    }

    // A linear classifier has a row for each; otherwise the weights of the loss may be there.
    private static int? TrainedClasses(TensorShapes shapes)
    {
        int outputs = shapes.Extent($"{Predictor}.class_embed.weight", 0, shapes.Extent("criterion.empty_weight", 0, 0));
        return outputs > 1 ? outputs - 1 : null;
    }
}
