using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;

namespace Clouds.Models.Portable;

/// <summary>A whole segmenter: normalised images to the class and mask logits of its queries.</summary>
/// <param name="description">The model.</param>
/// <param name="withScores">Whether the file also answers with class scores of every pixel.</param>
public sealed class PortableSegmenter(ModelDescription description, bool withScores = false) : IPortableNetwork
{
    /// <summary>Input: float [N, 3, H, W], normalised, R G B.</summary>
    public const string Image = "image";

    /// <summary>Output: float [N, Q, K + 1], "no object" last.</summary>
    public const string ClassLogits = "class_logits";

    /// <summary>Output: float [N, Q, H/4, W/4].</summary>
    public const string MaskLogits = "mask_logits";

    /// <summary>Output where it is asked for: float [N, K, H, W], the sum over queries of class probability times mask probability.</summary>
    public const string ClassScores = "class_scores";

    /// <inheritdoc/>
    public string Kind => "segmenter";

    /// <inheritdoc/>
    public IReadOnlyList<OpenExtent> Extents { get; } = [OpenExtent.Batch, OpenExtent.Height, OpenExtent.Width];

    /// <inheritdoc/>
    public long Ids => 0;

    /// <inheritdoc/>
    public void Build(GraphBuilder g, IReadOnlyDictionary<string, Dim> extents)
    {
        (Dim height, Dim width) = (extents["H"], extents["W"]);
        Prediction answer = description.Create().Answer(g, g.Input(Image, ElementType.Float, [extents["N"], 3, height, width]));
        g.Output(ClassLogits, answer.ClassLogits);
        g.Output(MaskLogits, answer.MaskLogits);
        if (withScores)
        {
            g.Output(ClassScores, SemanticScores.Of(g, answer, height, width));
        }
    }
}
