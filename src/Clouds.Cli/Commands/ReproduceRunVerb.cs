using Clouds.Cli.Console;
using Clouds.Cli.Experiments;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds reproduce run`.</summary>
/// <param name="open">Opens the network with which labels are refined, a file's, and who is to be disposed for it.</param>
internal sealed class ReproduceRunVerb(Func<string, CloudsSettings, VerbContext, (IMaskPredictor Masks, IDisposable Owner)> open)
    : Verb<ReproduceRunVerb.Options>
{
    public override string Name => "reproduce run";

    public override string Summary => "train and score a row of the paper, or one of your own";

    public override string Description =>
        "Looks first whether every data set and all weights are here and usable, says what it will take, then trains (stage 1, stage 2), scores the result on "
        + "the row's test sets, prints it beside the paper's numbers and appends it to the ledger, DIR/ledger.jsonl: row, date, versions, machine, digests, "
        + "seed, mIoU of each set and class, average, hours.\n\n"
        + "Rows with the same stage 1 (settings, data, weights, seed) share it: whichever is run first trains it. Interrupted at any moment, by Ctrl-C, a "
        + "power cut or kill -9, the same command goes on where it was; a row that is done is told from the ledger.\n\n"
        + "Whatever makes it another experiment is told in the ledger, and the result is never shown as a reproduction: --set, --steps-scale, --without, "
        + "weights that are not the published file, sets of another size.\n\n"
        + "A row of your own is a configuration file with a section \"experiment\": source, generated and tests are names as the paper's sets have here, or "
        + "SPECs; \"base\": \"T1-23.json\" starts from a row.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds reproduce run T1-06 --data-root /data --out /results", "CLOUDS with CLIP's ResNet-50; the same line goes on after an interruption."),
        new("clouds reproduce run T1-06 --data-root /data --data bdd100k=/other/bdd --steps-scale 0.01", "Whether all works, in a hundredth of the steps."),
        new("clouds reproduce run T1-12 --predictions hrda", "Scores hrda/cityscapes/*.png, hrda/bdd100k/*.png, hrda/mapillary_vistas/*.png."),
        new("clouds reproduce run my-row.json --seed 2", "A row of your own, again with another seed."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "there is no such row; wrong settings; another process trains the same",
        [(int)Failure.BadInput] = "data sets, weights or predictions are missing or cannot be used",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the same command goes on",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        Experiment experiment = options.Open();
        ExecutionSettings execution = experiment.Settings.Value.Execution;
        using Device device = Device.Open(execution.Device, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        Require(Need.Of(experiment, options.DataPlaces, options.WeightPlaces, options.Predictions, Need.IsGpu(device)), experiment);
        (LedgerEntry entry, bool wasThere) = context.Progress.Track(progress => Reproduce(experiment, options, device, progress, context));
        Report(entry, wasThere, experiment, options, context);
        return ExitCodes.Success;
    }

    private (LedgerEntry Entry, bool WasThere) Reproduce(
        Experiment experiment, Options options, Device device, IProgress<ProgressReport> progress, VerbContext context)
    {
        ResolvedExperiment resolved =
            ResolvedExperiment.Open(experiment, options.DataPlaces, options.WeightPlaces, progress, context.Progress.Warn, context.Cancellation);
        if (resolved.Source is not null)
        {
            double speed = NetworkBench.QuickGigaOperations(device, resolved.Settings.Execution.Threads);
            Estimate estimate = Estimate.Of(
                resolved.Settings, experiment.SelfTrains, resolved.Source.Samples.Count, resolved.Generated?.Images.Count ?? 0, device, speed);
            context.Progress.Warn($"{experiment.Row} takes {estimate}: {Estimate.Method}");
        }

        ReproductionTools tools = new(
            settings => open(settings.Sam.Weights, settings, context),
            (model, settings, sets) => ModelOptions.Load(
                model, settings, null, null, context, EvaluationSessions.For(model, sets, null, null, settings.Execution.Threads)),
            options.Predictions,
            ShellText.Line(["clouds", .. context.Words]),
            options.AcceptMemory);
        try
        {
            return new Reproduction(resolved, options.Folder, device, tools, progress, context.Progress.Warn, context.Cancellation).Run();
        }
        catch (OperationCanceledException)
        {
            throw new CloudsException(
                Failure.Interrupted, "stopped before the end; what was done is kept", options.Folder.Path, next: "the same command goes on where it was");
        }
    }

    private static void Require(IReadOnlyList<Need> needs, Experiment experiment)
    {
        Need[] missing = [.. needs.Where(need => !need.IsHere && need.Kind != NeedKind.Gpu)];
        if (missing.Length > 0)
        {
            throw new CloudsException(Failure.BadInput, "not everything that the row needs is here", $"clouds reproduce, row {experiment.Row}",
                $"missing: {string.Join(", ", missing.Select(Words))}", "data in the folders, weights in the catalogue's home",
                $"{string.Join("; ", missing.Where(need => need.Kind != NeedKind.Data).Select(need => need.Next).Append("`clouds reproduce show "
                    + $"{experiment.Row}` says where each data set is expected and where one gets it"))}");
        }
    }

    private static string Words(Need need) => need.Kind == NeedKind.Data ? $"data {need.Name} (no {need.Place})"
        : need.Kind == NeedKind.Weights ? $"weights {need.Name}"
        : need.Name;

    private static void Report(LedgerEntry entry, bool wasThere, Experiment experiment, Options options, VerbContext context)
    {
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { wasThere, entry }));
            return;
        }

        TextTable.Write(context.Console, ResultText.Columns, ResultText.Rows(entry, experiment));
        string when = wasThere ? $"done on {ResultText.Day(entry)}, " : "";
        context.Out.WriteLine($"{entry.Row}: {when}{Estimate.Time(entry.Hours)}, {options.Folder.Ledger.Path}");
        foreach (string deviation in entry.Deviations)
        {
            context.Out.WriteLine($"no reproduction: {deviation}");
        }
    }

    /// <summary>The row.</summary>
    internal sealed class Options : ReproduceRowOptions
    {
        [Option("accept-memory", HelpText = "Begin although the machine has not the memory that is foreseen.")]
        public bool AcceptMemory { get; set; }
    }
}
