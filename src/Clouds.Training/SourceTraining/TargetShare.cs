using Clouds.Runtime.Distributed;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// A rank's share of a step's normalisers (method.md section 2.4). Every rank's loss is divided by the mean over the ranks of what all images together
/// would be divided by; the mean of the ranks' losses is then the loss of all images, however they are dealt out.
/// </summary>
/// <param name="config">The loss.</param>
/// <param name="queries">Queries an image.</param>
internal sealed class TargetShare(CriterionConfig config, int queries)
{
    /// <summary>Counts the targets of all ranks' images.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="targets">Targets of this rank's images; each has a query.</param>
    /// <param name="images">This rank's images.</param>
    /// <returns>What the mask losses are divided by, and what the class loss is multiplied with.</returns>
    public (float NumMasks, float ClassScale) Of(RankGroup ranks, long targets, int images)
    {
        long[] all = ranks.Sum([targets, images], "targets of the step");
        double weights = Weights(all[0], all[1]);
        return ((float)Math.Max(1, all[0] / (double)ranks.Count), weights == 0 ? 1 : (float)(Weights(targets, images) * ranks.Count / weights));
    }

    // Of all queries: 1 where it has a target, the weight of "no object" where it has none.
    private double Weights(long targets, long images) => targets + (config.NoObjectWeight * ((images * queries) - targets));
}
