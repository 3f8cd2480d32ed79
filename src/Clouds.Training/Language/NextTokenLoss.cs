using Clouds.Graph.Building;

namespace Clouds.Training.Language;

/// <summary>What a batch of windows costs.</summary>
/// <param name="Total">Mean cross-entropy over all tokens, in nats, a scalar.</param>
/// <param name="Found">Share of the tokens that the most probable token foretells, a scalar.</param>
public sealed record NextTokenTerms(Value Total, Value Found);

/// <summary>A language model's loss as graph nodes: the mean of minus the logarithm of the probability that each next token was given.</summary>
public static class NextTokenLoss
{
    // N windows · T tokens · V vocabulary
    /// <summary>The loss of a batch.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="logits">[N, T, V].</param>
    /// <param name="next">int64 [N, T].</param>
    public static NextTokenTerms Build(GraphBuilder g, Value logits, Value next)
    {
        long tokens = next.Shape.ElementCount;
        Value own = g.GatherElements(g.LogSoftmax(logits), g.Unsqueeze(next, 2), 2);                            // [N, T, 1]
        Value right = g.Cast(g.Equal(g.ArgMax(g.Detach(logits), 2), next), ElementType.Float);                  // [N, T]
        return new NextTokenTerms(g.Mul(g.SumAll(own), -1f / tokens), g.Mul(g.SumAll(right), 1f / tokens));
    }
}
