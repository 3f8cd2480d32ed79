using System.Globalization;
using Clouds.Cli.Experiments;
using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs that are about one row.</summary>
internal class ReproduceRowOptions : ReproduceOptions
{
    [Value(0, MetaName = "ROW", Required = true, HelpText =
        "A row of `clouds reproduce list`, or a configuration file of your own, whose \"base\" may be a row's file, for instance T1-23.json.")]
    public string Row { get; set; } = "";

    [Option("seed", MetaValue = "N", HelpText = "Seed of the training. Default: the row's, 1; the paper fixes none.")]
    public long? Seed { get; set; }

    [Option("steps-scale", MetaValue = "F", HelpText = "Both stages with F times their steps, for a try; the result is then no reproduction, and says so.")]
    public double? StepsScale { get; set; }

    [Option("without", MetaValue = "SET", HelpText = "Leave a test set out; the result is then no reproduction, and says so. May be given several times.")]
    public IEnumerable<string> Without { get; set; } = [];

    [Option("predictions", MetaValue = "DIR", HelpText =
        "For rows of other programs: their label images, DIR/SET/NAME.png for each test set, as in `clouds evaluate`.")]
    public string? Predictions { get; set; }

    /// <summary>Opens the row.</summary>
    /// <exception cref="CloudsException">Usage: there is none, or an option does not fit.</exception>
    public Experiment Open()
    {
        if (Config is not null)
        {
            throw new CloudsException(Failure.Usage, "a row has its configuration already", "clouds reproduce", $"--config {Config}",
                "a row or a file of your own", $"name the file in the row's place, with \"base\": \"{Path.GetFileName(Row)}.json\" in it");
        }

        Experiment row = Experiment.Open(Row, [.. Set, .. Shorthands]);
        return Experiment.Open(Row, [.. Set, .. Shorthands, .. Scaled(row), .. Left(row)]);
    }

    protected override IEnumerable<string> Shorthands => Seed is null ? base.Shorthands : [.. base.Shorthands, $"training.seed={Seed}"];

    private IEnumerable<string> Scaled(Experiment row)
    {
        if (StepsScale is not double scale)
        {
            return [];
        }

        return scale is > 0 and <= 100
            ? [Steps("training.steps", row.Settings.Value.Training.Steps, scale), Steps("selfTraining.steps", row.Settings.Value.SelfTraining.Steps, scale)]
            : throw new CloudsException(Failure.Usage, "the steps cannot be scaled so", "--steps-scale", scale.ToString(CultureInfo.InvariantCulture),
                "above 0, at most 100", "for instance --steps-scale 0.01");
    }

    private IEnumerable<string> Left(Experiment row)
    {
        string[] without = [.. Without];
        foreach (string name in without.Except(row.Tests))
        {
            throw new CloudsException(Failure.Usage, "the row has no such test set", "--without", $"'{name}'", string.Join(", ", row.Tests),
                NearestName.Find(name, row.Tests) is string near ? $"did you mean '{near}'?" : "choose one of these");
        }

        string[] kept = [.. row.Tests.Except(without)];
        return without.Length == 0 ? [] : [$"experiment.tests={System.Text.Json.JsonSerializer.Serialize(kept)}"];
    }

    private static string Steps(string key, long steps, double scale) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}={Math.Max(1, (long)Math.Round(steps * scale))}");
}
