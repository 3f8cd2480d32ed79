using Clouds.Graph.Building;

namespace Clouds.Training.Language;

/// <summary>What a batch of windows costs.</summary>
/// <param name="Total">Mean cross-entropy over the tokens that are to be foretold, in nats, a scalar.</param>
/// <param name="Found">Share of these that the most probable token foretells, a scalar.</param>
public sealed record NextTokenTerms(Value Total, Value Found);

/// <summary>A language model's loss as graph nodes: the mean of minus the logarithm of the probability that each next token was given.</summary>
public static class NextTokenLoss
{
    // N windows · T tokens · V vocabulary
    /// <summary>The loss of a batch.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="logits">[N, T, V].</param>
    /// <param name="next">int64 [N, T]; below 0: nothing is to be foretold there. With nothing at all to foretell the loss is 0.</param>
    public static NextTokenTerms Build(GraphBuilder g, Value logits, Value next)
    {
        Value learned = g.Not(g.Less(next, g.Constant(Literal.Of([0L]))));                                      // [N, T]
        Value weights = g.Cast(learned, ElementType.Float), count = g.Max(g.SumAll(weights), g.Constant(1f));
        Value token = g.Mul(next, g.Cast(learned, ElementType.Int64));
        Value own = g.Squeeze(g.GatherElements(g.LogSoftmax(logits), g.Unsqueeze(token, 2), 2), 2);             // [N, T]
        Value right = g.Cast(g.Equal(g.ArgMax(g.Detach(logits), 2), next), ElementType.Float);                  // [N, T]
        return new NextTokenTerms(g.Neg(g.Div(g.SumAll(g.Mul(own, weights)), count)), g.Div(g.SumAll(right), count));
    }
}
