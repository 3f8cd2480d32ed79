using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Training.Contrastive;

/// <summary>What a batch of pairs costs.</summary>
/// <param name="Total">The loss, a scalar.</param>
/// <param name="Found">Share of the images to which the text that is most similar is a right one, a scalar.</param>
/// <param name="Scale">Scale of the similarities, a scalar.</param>
public sealed record ContrastiveTerms(Value Total, Value Found, Value Scale);

/// <summary>
/// CLIP's symmetric loss as graph nodes (Radford et al. 2021, figure 3): which text belongs to an image, and which image to a text, by the scaled cosines of
/// their embeddings. Differs from reference: equal captions of a batch are right answers alike, with equal parts; where all differ it is the reference.
/// </summary>
/// <param name="largestScale">Above this the scale does not grow.</param>
public sealed class ContrastiveLoss(double largestScale)
{
    // B pairs · E embedding
    /// <summary>The loss of a batch.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="images">[B, E], not normalised.</param>
    /// <param name="texts">[B, E], not normalised.</param>
    /// <param name="logScale">A scalar, learned: logarithm of the scale.</param>
    /// <param name="partners">[B, B], symmetric: 1 over the number of texts that are equal to an image's own at each of these, else 0.</param>
    public ContrastiveTerms Build(GraphBuilder g, Value images, Value texts, Value logScale, Value partners)
    {
        Value scale = g.Exp(g.Min(logScale, g.Constant((float)Math.Log(largestScale))));
        Value cosines = g.MatMul(UnitLength.Of(g, images), g.Transpose(UnitLength.Of(g, texts), 1, 0));         // [B, B]
        Value logits = g.Mul(cosines, scale);
        Value total = g.Mul(g.Add(Entropy(g, logits, partners), Entropy(g, g.Transpose(logits, 1, 0), partners)), 0.5f);
        return new ContrastiveTerms(total, Found(g, g.Detach(logits), partners), scale);
    }

    // Cross-entropy of each row against its partners, mean over rows.
    private static Value Entropy(GraphBuilder g, Value logits, Value partners) =>
        g.Mul(g.SumAll(g.Mul(g.LogSoftmax(logits), partners)), -1f / logits.Shape[0].Size);

    private static Value Found(GraphBuilder g, Value logits, Value partners)
    {
        Value best = g.GatherElements(partners, g.Unsqueeze(g.ArgMax(logits, 1), 1), 1);                        // [B, 1]
        return g.Mul(g.SumAll(g.GreaterMask(best, g.Constant(0f))), 1f / logits.Shape[0].Size);
    }
}
