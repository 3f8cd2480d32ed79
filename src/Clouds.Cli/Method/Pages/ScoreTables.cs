using Clouds.Cli.Experiments;

namespace Clouds.Cli.Method.Pages;

/// <summary>The paper's ablations in miniature beside its numbers: Table 4, what each foundation model adds, and Table 5, the encoder frozen or not.</summary>
internal sealed class ScoreTables(SeedRuns runs)
{
    private static readonly string[] Encoders = ["rn50", "rn101", "convnext"];

    private static readonly PublishedTables Paper = PublishedTables.OfPaper;

    private readonly IReadOnlyList<ScoreGroup> _groups = ScoreGroup.All(runs.Summary);

    /// <summary>Source only, with generated images, with refined labels.</summary>
    public ScoreGrid Four => new(
        $"Mean IoU in percent{Seeds}; the paper's, with encoders ResNet-50, ResNet-101 and ConvNeXt-L, are averages of Cityscapes, BDD100K and "
            + "Mapillary, trained on GTA",
        [.. Ours, ("the paper's Table 4", ["RN50", "RN101", "ConvNeXt"])],
        [.. runs.Steps.Select(arm => Row(arm, Encoders.Select(encoder => Paper.Find($"T4-{Letter(arm)}-{encoder}").Row.Average)))]);

    /// <summary>The encoder that is trained, the encoder that is frozen; null: only one of them is there.</summary>
    public ScoreGrid? Five => !runs.Arms.Contains(MethodArm.Scratch) ? null : new(
        $"Mean IoU in percent{Seeds}; the paper's from left to right: Cityscapes, BDD100K, Mapillary, their average",
        [.. Ours, ("the paper's Table 5", ["C", "B", "M", ScoreGrid.MeanOf("avg")])],
        [Row(MethodArm.Scratch, Printed("T5-a"), "encoder trained"), Row(MethodArm.Source, Printed("T5-b"), "encoder frozen")]);

    private string Seeds => runs.Results.Count > 1 ? $", mean of {runs.Results.Count} seeds with their standard deviation" : "";

    private IEnumerable<(string Name, IReadOnlyList<string> Columns)> Ours => _groups.Select(group =>
        (group.Name, (IReadOnlyList<string>)[.. group.Columns.Select(column => column.IsMean ? ScoreGrid.MeanOf(column.Name) : column.Name)]));

    private GridRow Row(MethodArm arm, IEnumerable<double?> printed, string? name = null) => new(name ?? ArmWords.Name(arm), ArmWords.Story(arm),
    [
        .. _groups.SelectMany(group => group.Columns).Select(column => GridCell.Of(column.Value(runs.Summary, arm))),
        .. printed.Select(GridCell.Of),
    ]);

    private static double?[] Printed(string row) => [.. Paper.Find(row).Row.Values!, Paper.Find(row).Row.Average];

    private static char Letter(MethodArm arm) => arm switch
    {
        MethodArm.Source => 'a',
        MethodArm.Generated => 'b',
        MethodArm.Refined => 'c',
        _ => throw new ArgumentOutOfRangeException(nameof(arm)),
    };
}
