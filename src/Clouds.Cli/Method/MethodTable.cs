using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>The paper's Tables 4 and 5 in miniature, mIoU in percent.</summary>
/// <param name="summary">What was found.</param>
internal sealed class MethodTable(MethodSummary summary)
{
    private static readonly MethodArm[] Four = [MethodArm.Source, MethodArm.Generated, MethodArm.Refined], Five = [MethodArm.Scratch, MethodArm.Source];

    /// <summary>Columns of the means.</summary>
    private static IReadOnlyList<string> Means { get; } = ["source", "group A", "group B", "A and B"];

    /// <summary>Columns of <see cref="TableFour"/>, the paper's first.</summary>
    public static IReadOnlyList<string> FourColumns { get; } = ["CLIP", "LLM + diffusion", "SAM", .. Means];

    /// <summary>The ablation: what each foundation model adds.</summary>
    public IEnumerable<IReadOnlyList<string>> TableFour => Of(Four).Select(arm => (string[])
        ["x", arm == MethodArm.Source ? "" : "x", arm == MethodArm.Refined ? "x" : "", .. MeansOf(arm)]);

    /// <summary>Columns of <see cref="TableFive"/>, the paper's first.</summary>
    public static IReadOnlyList<string> FiveColumns { get; } = ["encoder", .. Means];

    /// <summary>Encoder trained, from nothing, and frozen; both on the source alone. Empty where one of them was left out.</summary>
    public IEnumerable<IReadOnlyList<string>> TableFive => Of(Five).Count() < Five.Length ? []
        : Five.Select(arm => (string[])[arm == MethodArm.Scratch ? "trained from scratch" : "frozen CLIP", .. MeansOf(arm)]);

    /// <summary>Columns of <see cref="Styles"/>.</summary>
    public IReadOnlyList<string> StyleColumns => ["style", "group", .. summary.Arms.Select(MethodFolder.Name)];

    /// <summary>Every style.</summary>
    public IEnumerable<IReadOnlyList<string>> Styles => summary.Tests.Select((test, number) => (string[])
        [test.Name, Group(test.Group), .. summary.Arms.Select(arm => $"{summary.MeanIou(arm, number)}")]);

    /// <summary>What the paper says of its tables, and whether it holds.</summary>
    public IEnumerable<string> Claims =>
        summary.Claims.Select(claim => $"{(claim.Holds ? "holds" : "does not hold")}: {claim.Claim}: {claim.Difference} points");

    /// <summary>Classes that were hardly learned.</summary>
    public IEnumerable<string> WeakClasses => summary.WeakClasses.GroupBy(weak => weak.Arm).Select(arm =>
        $"below IoU 25 on the source with 0.3 % of the pixels or more, {MethodFolder.Name(arm.Key)}: "
        + string.Join(", ", arm.Select(weak => $"{weak.Name} {weak.Iou}")));

    private static string Group(WorldGroup group) => group switch { WorldGroup.Seen => "A", WorldGroup.Unseen => "B", _ => "source" };

    private IEnumerable<MethodArm> Of(IEnumerable<MethodArm> arms) => arms.Where(summary.Arms.Contains);

    private IEnumerable<string> MeansOf(MethodArm arm) =>
        [$"{summary.MeanIou(arm, 0)}", $"{summary.Mean(arm, WorldGroup.Seen)}", $"{summary.Mean(arm, WorldGroup.Unseen)}", $"{summary.Mean(arm)}"];
}
