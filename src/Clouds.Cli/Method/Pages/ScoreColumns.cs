using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>A column of scores.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Value">mIoU of an arm in percent.</param>
/// <param name="IsMean">Whether it is a mean over the columns before it.</param>
internal sealed record ScoreColumn(string Name, Func<MethodSummary, MethodArm, Spread> Value, bool IsMean = false);

/// <summary>Columns below one heading.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Columns">The columns.</param>
internal sealed record ScoreGroup(string Name, IReadOnlyList<ScoreColumn> Columns)
{
    /// <summary>The source, the styles of groups A and B with their means, and the mean of both.</summary>
    public static IReadOnlyList<ScoreGroup> All(MethodSummary summary) =>
    [
        new("labelled", Styles(summary, WorldGroup.Source)),
        new("A: seen by the foundation models alone", [.. Styles(summary, WorldGroup.Seen), Mean("mean A", WorldGroup.Seen)]),
        new("B: seen by nobody", [.. Styles(summary, WorldGroup.Unseen), Mean("mean B", WorldGroup.Unseen)]),
        new("unseen", [new("A and B", (all, arm) => all.Mean(arm), IsMean: true)]),
    ];

    private static ScoreColumn[] Styles(MethodSummary summary, WorldGroup group) => [.. summary.Tests.Index().Where(test => test.Item.Group == group)
        .Select(test => new ScoreColumn(NameOf(test.Item), (all, arm) => all.MeanIou(arm, test.Index)))];

    private static ScoreColumn Mean(string name, WorldGroup group) => new(name, (all, arm) => all.Mean(arm, group), IsMean: true);

    private static string NameOf(MethodTest test) => test.Group == WorldGroup.Source ? "source" : test.Name;
}
