using System.Diagnostics;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Cli.Experiments;

/// <summary>
/// Carries out an experiment: stage 1 unless a row with the same one has done it, stage 2, scores, a line in the ledger. Killed at any moment it goes on where
/// it was, because every part lies in a folder that is named by the digest of what it depends on.
/// </summary>
/// <param name="experiment">What is done.</param>
/// <param name="folder">Where everything goes.</param>
/// <param name="device">Where is computed.</param>
/// <param name="tools">How networks are opened.</param>
/// <param name="progress">Told of every step and image.</param>
/// <param name="warn">Told in a sentence what a user should know.</param>
/// <param name="cancellation">Stops it; what was done is kept.</param>
internal sealed class Reproduction(ResolvedExperiment experiment, ReproductionFolder folder, Device device, ReproductionTools tools,
    IProgress<ProgressReport> progress, Action<string> warn, CancellationToken cancellation)
{
    private readonly Dictionary<string, string> _inputs = [];

    private CloudsSettings Settings => experiment.Settings;

    private string Row => experiment.Experiment.Row;

    /// <summary>Does it.</summary>
    /// <returns>The result, which stands in the ledger, and whether it stood there before.</returns>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">As training and scoring have it.</exception>
    public (LedgerEntry Entry, bool WasThere) Run()
    {
        Describe();
        string digest = SettingsDigest.Of([SettingsDigest.Of(Settings), $"seed={Settings.Training.Seed}",
            .. _inputs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")]);
        RunFolder own = folder.Row(Row, digest);
        if (folder.Ledger.Read().LastOrDefault(entry => entry.Row == Row && entry.Folder == folder.Below(own)) is LedgerEntry known)
        {
            return (known, true);
        }

        (string model, IReadOnlyList<LedgerStage> stages) = Train(own);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<LedgerScore> scores = Score(own, model);
        double hours = stages.Sum(stage => stage.Hours) + Stopwatch.GetElapsedTime(start).TotalHours;
        LedgerEntry entry = Entry(own, stages, scores, hours);
        folder.Ledger.Append(entry);
        return (entry, false);
    }

    // What the result depends on besides settings.
    private void Describe()
    {
        if (experiment.Source?.Fingerprint is DataFingerprint source)
        {
            _inputs.Add("source", SettingsDigest.Of([source.ToJson()]));
        }

        if (experiment.Generated?.Fingerprint is DataFingerprint generated)
        {
            _inputs.Add("generated", SettingsDigest.Of([generated.ToJson()]));
        }

        foreach ((string name, IDataset data) in experiment.Tests)
        {
            _inputs.Add($"test {name}", SettingsDigest.Of([DataFingerprint.Of(data, progress, cancellation).ToJson()]));
        }

        foreach ((string name, string file) in experiment.Weights)
        {
            _inputs.Add($"weights {name}", FileHash.Of(file, cancellation));
        }

        if (tools.Predictions is string predictions)
        {
            _inputs.Add("predictions", Path.GetFullPath(predictions));
        }
    }

    private (string Model, IReadOnlyList<LedgerStage> Stages) Train(RunFolder own)
    {
        if (experiment.Experiment.Config.Kind != ExperimentKind.Train)
        {
            return (experiment.Model ?? tools.Predictions ?? "", []);
        }

        StageRunner runner = new(experiment, device, () => tools.Masks(Settings), progress, warn, cancellation)
        {
            AcceptMemory = tools.AcceptMemory, Command = tools.Command,
        };
        string sam = WeightPlaces.NameOf(Settings.Sam.Variant);
        IEnumerable<string> inputs = _inputs.Where(pair => pair.Key == "source" || (pair.Key.StartsWith("weights ", StringComparison.Ordinal)
            && pair.Key != $"weights {sam}")).Select(pair => $"{pair.Key}={pair.Value}");
        RunFolder first = folder.StageOne(SettingsDigest.OfSource(Settings, inputs));
        runner.Source(first);
        LedgerStage one = new(1, folder.Below(first), Settings.Training.Steps, StageRunner.Hours(first));
        if (!experiment.Experiment.SelfTrains)
        {
            return (first.Model, [one]);
        }

        runner.Self(own, first.Model);
        return (own.Model, [one, new LedgerStage(2, folder.Below(own), Settings.SelfTraining.Steps, StageRunner.Hours(own))]);
    }

    private IReadOnlyList<LedgerScore> Score(RunFolder own, string model)
    {
        TestRunner tests = new(experiment, Path.Combine(own.Path, "scores"), progress, warn, cancellation);
        return experiment.Experiment.Config.Kind == ExperimentKind.Score
            ? tests.Predictions(tools.Predictions!)
            : tests.Model(() => tools.Segmenter(model, Settings, [.. experiment.Tests.Select(test => test.Data)]));
    }

    private LedgerEntry Entry(RunFolder own, IReadOnlyList<LedgerStage> stages, IReadOnlyList<LedgerScore> scores, double hours) => new()
    {
        Row = Row,
        Date = DateTimeOffset.Now,
        Versions = RunMachine.Versions(),
        Machine = RunMachine.Environment(device, Settings.Execution.Threads),
        Settings = SettingsDigest.Of(experiment.Experiment.Settings.Value),
        Deviations = [.. experiment.Deviations(), .. Unpublished(), .. Incomplete(scores)],
        Seed = stages.Count > 0 ? Settings.Training.Seed : null,
        Inputs = _inputs,
        Stages = stages,
        Scores = scores,
        Average = scores.Count > 0 && scores.All(score => score.MeanIou is not null) ? Math.Round(scores.Average(score => score.MeanIou!.Value), 3) : null,
        Hours = Math.Round(hours, 4),
        Folder = folder.Below(own),
    };

    private IEnumerable<string> Unpublished() => experiment.Weights.Where(pair => pair.Key != experiment.Experiment.Config.Model)
        .Where(pair => ModelCatalogue.BuiltIn[pair.Key].Files.All(file => file.IsDigest(_inputs[$"weights {pair.Key}"]) == false))
        .Select(pair => $"the weights {pair.Key} are not the published file: SHA-256 {_inputs[$"weights {pair.Key}"][..16]}");

    private IEnumerable<string> Incomplete(IReadOnlyList<LedgerScore> scores) => scores.Zip(experiment.Tests)
        .Where(pair => pair.First.Images < pair.Second.Data.Count)
        .Select(pair => $"{pair.First.Name}: {pair.First.Images} of {pair.Second.Data.Count} images were scored");
}

/// <summary>How a reproduction opens networks.</summary>
/// <param name="Masks">Segment Anything, and who is disposed for it.</param>
/// <param name="Segmenter">A model, for so many sets.</param>
/// <param name="Predictions">Folder of label images; null: none.</param>
/// <param name="Command">The command line, for the descriptions of runs.</param>
/// <param name="AcceptMemory">Whether it begins although the machine has not the memory that is foreseen.</param>
internal sealed record ReproductionTools(
    Func<CloudsSettings, (IMaskPredictor Masks, IDisposable Owner)> Masks,
    Func<string, CloudsSettings, IReadOnlyList<IDataset>, Segmenter> Segmenter,
    string? Predictions,
    string Command,
    bool AcceptMemory);
