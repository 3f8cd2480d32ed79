using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;

namespace Clouds.Server.Options;

/// <summary>What a server works with; all borrowed, and needed until it has stopped. It has no routes for what is not here.</summary>
public sealed record ServedModels
{
    /// <summary>Labels images; null: the server does not.</summary>
    public Segmenter? Segmenter { get; init; }

    /// <summary>Answers points and boxes, and makes the masks of refinement; null: the server does neither.</summary>
    public SegmentAnything? Sam { get; init; }

    /// <summary>Keeps what it sees in images; null: each of them is looked at anew.</summary>
    public EmbeddingCache? Embeddings { get; init; }

    /// <summary>How label maps are refined, where a request says nothing else.</summary>
    public RefinementOptions Refinement { get; init; } = new();

    /// <summary>Draws a refinement as an HTML page that stands alone and has no scripts; null: nobody does.</summary>
    public Func<RefinedPicture, string>? Xray { get; init; }

    /// <summary>Segment Anything as a refinement asks it.</summary>
    internal IMaskPredictor Masks => Embeddings?.Predictor ?? Sam!.Predictor;

    /// <summary>Names and colours of label maps.</summary>
    internal ClassSet Classes => Segmenter?.Classes ?? ClassSet.Cityscapes;
}

/// <summary>A refinement as an x-ray shows it; its masks are kept.</summary>
/// <param name="Title">What whoever sent the image calls it.</param>
/// <param name="Image">The image.</param>
/// <param name="Before">Its label map.</param>
/// <param name="Result">What became of it.</param>
/// <param name="Options">How.</param>
/// <param name="Classes">Names and colours.</param>
public sealed record RefinedPicture(
    string Title, RgbImage Image, LabelMap Before, RefinementResult Result, RefinementOptions Options, ClassSet Classes);
