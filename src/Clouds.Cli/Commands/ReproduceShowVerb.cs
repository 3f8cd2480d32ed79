using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Experiments;
using Clouds.Cli.Settings;
using Clouds.Runtime.Devices;
using Clouds.Verification.Benchmarks;

namespace Clouds.Cli.Commands;

/// <summary>`clouds reproduce show`.</summary>
internal sealed class ReproduceShowVerb : Verb<ReproduceShowVerb.Options>
{
    public override string Name => "reproduce show";

    public override string Summary => "print all about one row: settings, data, weights, time, results";

    public override string Description =>
        "ROW is a row of `clouds reproduce list`, or a configuration file of your own. Prints the paper's numbers, the settings that are not the program's "
        + "defaults with the file and line that they come from, every data set with the folder in which it is expected and where one gets it, the published "
        + $"weights and how to get them, steps, an estimate of time and memory ({Estimate.Method}), and every result of the ledger.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds reproduce show T1-23 --data-root /data", "Table 1's last row."),
        new("clouds reproduce show F6-t0 --set refinement.emulateCountBug=true", "A row with a setting changed."),
        new("clouds reproduce show my-row.json", "A row of your own."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        Experiment experiment = options.Open();
        using Device device = Device.Open(experiment.Settings.Value.Execution.Device, new DeviceSettings { Warn = _ => { } });
        IReadOnlyList<Need> needs = Need.Of(experiment, options.DataPlaces, options.WeightPlaces, options.Predictions, Need.IsGpu(device));
        Estimate? estimate = experiment.Config.Kind == ExperimentKind.Train ? EstimateOf(experiment, device) : null;
        ResultBook book = new(options.Folder.Ledger.Read());
        IReadOnlyList<LedgerEntry> ours = book.Reproductions(experiment);
        LedgerEntry? other = book.Other(experiment);
        SettingLeaf[] settings = [.. experiment.Settings.Provenance.Leaves.Where(leaf => leaf.Origin != "default")];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new
            {
                experiment.Row, experiment.Published, experiment.Config, settings, digest = SettingsDigest.Of(experiment.Settings.Value),
                needs, estimate, estimateMethod = Estimate.Method, ours, other,
            }));
            return ExitCodes.Success;
        }

        TextTable.Write(context.Console, ["row", experiment.Row],
            [.. About(experiment), .. Needs(needs), .. Times(experiment, estimate), .. Results(ours, other)]);
        context.Out.WriteLine();
        TextTable.Write(
            context.Console, ["setting", "value", "origin"], settings.Select(leaf => new[] { leaf.Key, SettingConversion.Show(leaf.Value), leaf.Origin }));
        return ExitCodes.Success;
    }

    /// <summary>Time and memory, the data as the paper has them.</summary>
    private static Estimate EstimateOf(Experiment experiment, Device device)
    {
        CloudsSettings settings = experiment.Settings.Value;
        int sources = PaperSet.Find(experiment.Config.Source)?.Images ?? 0;
        double speed = NetworkBench.QuickGigaOperations(device, settings.Execution.Threads);
        return Estimate.Of(settings, experiment.SelfTrains, sources, 0, device, speed);
    }

    private static IEnumerable<string[]> About(Experiment experiment)
    {
        if (experiment.Published is PublishedRow row)
        {
            PublishedTable table = PublishedTables.OfPaper.Find(row.Row).Table;
            yield return ["paper", $"{table.Name}: {row.Method}, {row.Encoder}{(row.Setting is null ? "" : $", {row.Setting}")}"];
            yield return ["published", $"{row.Numbers}{(row.Values is null ? "" : $" ({string.Join(" / ", table.Sets)})")}"];
            yield return ["remark", row.Note ?? "-"];
        }

        yield return ["scored on", $"{string.Join(", ", experiment.Tests)}; mean of {experiment.Config.Classes} classes"];
    }

    private static IEnumerable<string[]> Needs(IReadOnlyList<Need> needs) => needs.Select(need => new[]
    {
        need.Kind.ToString().ToLowerInvariant(), need.IsHere ? $"{need.Name}: here, {need.Place}" : $"{need.Name}: missing"
            + $"{(need.Place.Length > 0 ? $", expected in {need.Place}" : "")}; {need.Next}",
    });

    private static IEnumerable<string[]> Times(Experiment experiment, Estimate? estimate)
    {
        foreach (StageEstimate stage in estimate?.Stages ?? [])
        {
            yield return [$"stage {stage.Stage}", string.Create(CultureInfo.InvariantCulture,
                $"{stage.Steps} steps of {experiment.Settings.Value.Training.Batch} images, {2e-12 * stage.MultiplyAdds:0.00} Tflop a step: about "
                + $"{stage.SecondsAStep:0.000} s, {Estimate.Time(stage.Hours)}; {stage.Bytes / (double)(1L << 30):0.0} GiB")];
        }

        if (estimate is not null)
        {
            yield return ["estimate", $"{estimate}"];
            yield return ["made from", Estimate.Method];
        }
    }

    private static IEnumerable<string[]> Results(IReadOnlyList<LedgerEntry> ours, LedgerEntry? other)
    {
        foreach (LedgerEntry entry in ours)
        {
            yield return ["ours", ResultText.Line(entry)];
        }

        if (other is not null)
        {
            yield return ["other result", ResultText.Line(other)];
        }
    }

    /// <summary>The row.</summary>
    internal sealed class Options : ReproduceRowOptions;
}
