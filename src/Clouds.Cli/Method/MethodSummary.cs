using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>Something that the paper's tables say, and whether it holds here.</summary>
/// <param name="Claim">In words.</param>
/// <param name="Difference">What it is about, in points of mIoU: what should be larger less what should be smaller, seed by seed.</param>
internal sealed record MethodClaim(string Claim, Spread Difference)
{
    /// <summary>Whether the mean over the seeds says so.</summary>
    public bool Holds => Difference.Mean > 0;
}

/// <summary>A class that an arm has hardly learned.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Name">The class.</param>
/// <param name="Share">Its share of the source's test pixels in percent.</param>
/// <param name="Iou">Its IoU there in percent.</param>
internal sealed record WeakClass(MethodArm Arm, string Name, double Share, Spread Iou);

/// <summary>What runs of one plan with several seeds say together.</summary>
/// <param name="seeds">Their results; at least one.</param>
internal sealed class MethodSummary(IReadOnlyList<MethodResult> seeds)
{
    private const double LeastShare = 0.3, LeastIou = 25;

    /// <summary>The test sets.</summary>
    public IReadOnlyList<MethodTest> Tests => seeds[0].Tests;

    /// <summary>The arms.</summary>
    public IReadOnlyList<MethodArm> Arms => seeds[0].Plan.Arms;

    /// <summary>What the paper's tables say of arms that are there, and whether it holds on the target styles of both groups, of A, and of B.</summary>
    public IReadOnlyList<MethodClaim> Claims =>
    [
        .. Claim("painted images help (Table 4)", MethodArm.Generated, MethodArm.Source),
        .. Claim("refinement helps (Table 4)", MethodArm.Refined, MethodArm.Generated),
        .. Claim("all of CLOUDS is above the source alone (Table 4)", MethodArm.Refined, MethodArm.Source),
        .. Claim("the frozen encoder is above the trained one (Table 5)", MethodArm.Source, MethodArm.Scratch),
    ];

    /// <summary>Classes with at least 0.3 % of the source's test pixels whose IoU there is below 25 %.</summary>
    public IReadOnlyList<WeakClass> WeakClasses =>
    [
        .. Arms.SelectMany(arm => Tests[0].Shares.Where(share => share.Value >= LeastShare)
            .Select(share => new WeakClass(arm, share.Key, share.Value, Over(seed => seed.Find(arm)!.Scores[0].Classes[share.Key])))
            .Where(weak => weak.Iou.Mean < LeastIou)),
    ];

    /// <summary>An arm's mIoU on a test set.</summary>
    /// <param name="arm">The arm.</param>
    /// <param name="test">The set's number.</param>
    public Spread MeanIou(MethodArm arm, int test) => Over(seed => seed.Find(arm)!.Scores[test].MeanIou);

    /// <summary>An arm's mean over the styles of a group.</summary>
    public Spread Mean(MethodArm arm, WorldGroup group) => Over(seed => seed.Mean(arm, group)!.Value);

    /// <summary>An arm's mean over all target styles.</summary>
    public Spread Mean(MethodArm arm) => Over(seed => seed.Mean(arm)!.Value);

    /// <summary>A number of every seed.</summary>
    public Spread Over(Func<MethodResult, double> number) => new([.. seeds.Select(seed => Math.Round(number(seed), 3))]);

    private IEnumerable<MethodClaim> Claim(string claim, MethodArm above, MethodArm below)
    {
        if (!Arms.Contains(above) || !Arms.Contains(below))
        {
            return [];
        }

        return
        [
            new($"{claim}, on all target styles", Over(seed => seed.Mean(above)!.Value - seed.Mean(below)!.Value)),
            new($"{claim}, on styles of group A", Over(seed => Difference(seed, WorldGroup.Seen))),
            new($"{claim}, on styles of group B", Over(seed => Difference(seed, WorldGroup.Unseen))),
        ];

        double Difference(MethodResult seed, WorldGroup group) => seed.Mean(above, group)!.Value - seed.Mean(below, group)!.Value;
    }
}
