using Clouds.Graph.Settings;

namespace Clouds.Training.SourceTraining;

/// <summary>The training loss (method.md section 2; paper equation 1; Mask2Former's SetCriterion and HungarianMatcher).</summary>
public sealed record CriterionConfig
{
    /// <summary>Points P per mask, in matching and in the loss. Mask2Former: 12,544 = 112 x 112.</summary>
    [Setting(Unit = "points", Min = 1, Source = "Mask2Former: 12,544")]
    public int Points { get; init; } = 12544;

    /// <summary>Candidates per point among which the uncertain ones are sought. Mask2Former: 3.</summary>
    [Setting(Min = 1, Source = "Mask2Former: 3")]
    public double Oversampling { get; init; } = 3;

    /// <summary>Share of the points that are the most uncertain candidates, in 0..1. Mask2Former: 0.75.</summary>
    [Setting(Min = 0, Max = 1, Source = "Mask2Former: 0.75")]
    public double UncertainShare { get; init; } = 0.75;

    /// <summary>Weight of the class loss (λ_cls of equation 1) and of the class cost. Mask2Former: 2.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 2")]
    public double ClassWeight { get; init; } = 2;

    /// <summary>Weight of the mask cross-entropy, loss and cost. Mask2Former: 5.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 5")]
    public double MaskWeight { get; init; } = 5;

    /// <summary>Weight of the dice loss and cost. Mask2Former: 5.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 5")]
    public double DiceWeight { get; init; } = 5;

    /// <summary>Over which images the mean of the class loss goes, where several processes share a step.</summary>
    [Setting(Source = "ours: one result for any number of processes; reference code: rank")]
    public ClassNormaliser ClassNormaliser { get; init; } = ClassNormaliser.Global;

    /// <summary>Weight of "no object" in the class loss. Mask2Former: 0.1.</summary>
    [Setting(Min = 0, Source = "Mask2Former: 0.1")]
    public double NoObjectWeight { get; init; } = 0.1;

    /// <summary>
    /// What pixels without a label are to the mask losses and to matching; the padding of crops and what refinement leaves without a label are such too.
    /// </summary>
    [Setting(Source = "reference code: negative; the paper's text suggests exclude (method.md section 2.5)")]
    public IgnoreMode IgnoreMode { get; init; } = IgnoreMode.Negative;

    internal int Candidates => (int)(Points * Oversampling);

    internal int Uncertain => (int)(UncertainShare * Points);

    internal int Fresh => Points - Uncertain;
}

/// <summary>What pixels without a label are to the mask losses and to matching.</summary>
public enum IgnoreMode
{
    /// <summary>Outside every mask.</summary>
    Negative,

    /// <summary>Nothing: points on them weigh 0 in cross-entropy, dice and cost.</summary>
    Exclude,
}

/// <summary>What the class loss is divided by: the sum of the class weights of all queries (method.md section 2.4) of some images.</summary>
public enum ClassNormaliser
{
    /// <summary>Of all images of the step, whoever computes them.</summary>
    Global,

    /// <summary>Of this process's images, as the reference code does: the result then depends on who has which images.</summary>
    Rank,
}
