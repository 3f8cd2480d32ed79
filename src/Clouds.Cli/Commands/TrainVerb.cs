using System.Diagnostics;
using System.Globalization;
using Clouds.Cli.BuiltIn;
using Clouds.Cli.Console;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train`.</summary>
/// <param name="open">Opens the network with which labels are refined, a file's, and who is to be disposed for it.</param>
internal sealed partial class TrainVerb(Func<string, CloudsSettings, VerbContext, (IMaskPredictor Masks, IDisposable Owner)> open) : Verb<TrainVerb.Options>
{
    public override string Name => "train";

    public override string Summary => "train a segmenter on labelled images, and on generated ones";

    public override string Description =>
        "Trains the segmenter on one labelled data set, the source domain, and writes to the folder --out: model.safetensors (the "
        + "trained model, for segment and evaluate), checkpoint.safetensors (to resume from), history.jsonl (losses, one line a step), "
        + "the same as events for TensorBoard (`tensorboard --logdir DIR`), run.json (settings with their origins, machine, versions, command lines), "
        + "config.json (all settings, for --config), and in the end report.html (see `clouds report`).\n\n"
        + "Where generated images are named, selfTraining.generated.data or --generated, that is stage 1 of two, in the folder stage-1; stage 2, in stage-2, "
        + "goes on from its model with images of both: a mean teacher labels the generated ones, Segment Anything refines its labels (sam.weights or --sam), "
        + "the student learns. Its model is the run's. The setting stages trains one of them alone: [2] goes on from the model that --from names.\n\n"
        + "SPEC is the JSON file of a folder data set, a published set with its folder as gta5:FOLDER, or "
        + "streets:STYLE?count=N&width=W&height=H&seed=S&split=train|test for the built-in street scenes (styles source, night, fog, "
        + "snow, rain, other), or world:STYLE with the same keys for the wide world (style narrow to learn from, the others to be "
        + "tested on); `clouds data check SPEC` examines it.\n\n"
        + "Settings are those of the sections \"training\", \"selfTraining\" and \"refinement\": the paper's for its source domain (--preset gta, synthia or "
        + "cityscapes), or with --preset small those of a network that learns from "
        + "scratch on a processor in minutes; with --preset mini its encoder is the miniature CLIP that is built in (mini:clip), frozen as in the paper. That "
        + "is also what happens if nobody names a preset, an encoder or weights. CONFIG can name everything, the data too. "
        + "Ctrl-C finishes the step, saves and exits with 130; so do SIGTERM and a terminal that closes, and what "
        + "fails is saved first. With --resume a run goes on in the stage where it was, "
        + "with its own settings, and ends with the weights that it would have had without the interruption, bit by bit; data that have changed are "
        + "refused, with the first difference (--accept-changed-data).\n\n"
        + "The last training.keepCheckpoints checkpoints are kept, and a run goes on from the newest that is whole; one that is damaged is told. "
        + "--steps gives a resumed run more steps than were planned: with a constant learning rate it becomes the run of so many steps, with another schedule "
        + "the rate follows that over the new number from there on. checkpointEvery, keepCheckpoints and validation.patience, which change no bit, "
        + "may be set anew with --resume.\n\n"
        + "Sets in training.validation.data are scored every training.validation.every steps, in history.jsonl and best.json; the best model is "
        + "best.safetensors. That changes no bit of what is trained; only training.validation.patience ends a run early.\n\n"
        + "Before the first step every file of the data set is read once, unless that was done before and nothing has changed; what cannot be used is "
        + "left out and told, as data.onMismatch and data.onUnreadable say. The memory that a step takes is told, and refused where it is not free; "
        + "after some steps the time of the run is told.\n\n"
        + "A step whose loss or gradient is not finite changes nothing and is counted; after training.mostSkipped of them in a row training ends with 7. "
        + "training.precision=mixed computes products in half precision, on GPUs, where the loss has a scale that falls when a gradient is too large for it: "
        + "the step that tells is skipped, and counts in a row only where the scale cannot fall any more.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train gta.json", "Both stages of the paper, as one file says, into the folder gta."),
        new("clouds train --data city.json --out run", "A first run: decoders on the frozen miniature CLIP, on the processor in minutes."),
        new("clouds train --data city.json --out run --preset small", "Learns from scratch on the processor."),
        new("clouds train --data streets:source?count=400 --out run --preset small --set training.steps=300", "On built-in street scenes, 300 steps."),
        new("clouds train --data city.json --generated made.json --out run --preset small", "Then goes on by itself on images without labels."),
        new("clouds train --data city.json --generated made.json --out two --preset small --set stages=[2] --from run", "That alone, from another run."),
        new("clouds train --data own.json --out tuned --from run --preset small --set training.steps=500", "Goes on from a model, on data of one's own."),
        new("clouds train --out run --resume", "Goes on after Ctrl-C, a power cut or kill -9."),
        new("clouds train --out run --resume --steps 60000", "Goes on to more steps than were planned."),
        new("clouds train --data city.json --out proof --preset small --prove-resume 20", "Whether an interruption changes a bit here."),
        new("clouds train --data city.json --out run --preset small --set training.validation.data=[\"night.json\"]", "Scored meanwhile, best model kept."),
        new("clouds train --data gta.json --out run --set training.encoder.weights=convnext.safetensors", "The paper's settings, with a pretrained encoder."),
        new("clouds train --data city.json --out run --preset small --device cuda --set execution.cuda.precision=fp32", "On the GPU, without TF32."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Failed] = "with --prove-resume: the interrupted run is not the straight one",
        [(int)Failure.Usage] = "wrong settings; no weights to start from, and none built in; a run folder that is used already; changed settings with --resume",
        [(int)Failure.Device] = "the device does not work; its memory, or the machine's, does not hold a step",
        [(int)Failure.BadInput] = "the data cannot be used, or have changed since the run was started; stage 2 has no model of stage 1",
        [(int)Failure.Numeric] = "the loss or its gradient is not finite any more; the run is saved as it was before",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the run is saved and can be resumed",
    };

    protected override int Run(Options options, VerbContext context)
    {
        options.TakeFile();
        if (options.ProveResume is long proved)
        {
            RankSession.RequireAlone("train --prove-resume");
            return new ResumeProof(options.Folder, proved, context).Run(options.Json);
        }

        if (!options.Resume && options.LacksEncoder && OfferedEncoder.Sentence is string offer)
        {
            options.Preset = Preset.Mini;
            context.Progress.Warn(offer);
        }

        TrainingRun run = options.Resume ? TrainingRun.Resumed(options) : TrainingRun.Fresh(options);
        run = PlannedSteps.Set(run, options.Steps, context.Progress.Warn);
        ExecutionSettings execution = run.Settings.Execution;
        context = context.Join(execution.Ranks);
        RankGroup ranks = context.Ranks.Group;
        DeviceSettings settings = new() { Warn = context.Progress.Warn, Cuda = execution.Cuda };
        using Device device = Device.Open(execution.Device, settings);
        using RunRecord? record = ranks.IsFirst ? RunRecord.Of(run, options, context, device) : null;
        RunStart how = !options.Resume ? RunStart.New : options.AcceptChangedData ? RunStart.ResumedOnChangedData : RunStart.Resumed;
        long start = Stopwatch.GetTimestamp();
        using StopAfter stop = new(options.StopAfter, context.Cancellation);
        try
        {
            Train(run, device, how, options.AcceptMemory, record, stop, context);
        }
        catch (OperationCanceledException) when (run.Folder.Checkpoints.Count > 0 || StagedRun.Is(run.Folder.Path))
        {
            throw new CloudsException(
                Failure.Interrupted, "stopped before the last step; the run is saved", run.Folder.Path, next: $"clouds train --out {run.Folder.Path} --resume");
        }

        if (ranks.IsFirst)
        {
            Report(run, options, context, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return ExitCodes.Success;
    }

    private void Train(TrainingRun run, Device device, RunStart how, bool acceptMemory, RunRecord? record, StopAfter stop, VerbContext context)
    {
        ExecutionSettings execution = run.Settings.Execution;
        RankGroup ranks = context.Ranks.Group;
        TrainingData data = context.Progress.Track(progress => ranks.FirstThenOthers("a look at the data", () => CheckedData.Open(
            run.Data, run.Settings.Data, CheckCache.OfUser, progress, context.Progress.Warn, context.Cancellation)));
        if (run.Stages is not StagedRun stages)
        {
            SourceTrainer trainer = new(run.Settings.Training, data, run.Folder, device, execution.Threads, context.Progress.Warn)
            {
                AcceptMemory = acceptMemory,
                Cuda = ModelOptions.Cuda(execution.Cuda),
                Workers = execution.Workers,
                Ranks = ranks,
            };
            context.Progress.Track(progress => trainer.Run(how, stop.Watch(record?.Watch(progress) ?? progress), stop.Token));
            return;
        }

        ImageData generated = context.Progress.Track(progress => ranks.FirstThenOthers("a look at the generated images", () => CheckedData.OpenImages(
            stages.Generated, stages.SelfTraining.Generated.Limit, run.Settings.Data, CheckCache.OfUser, progress, context.Progress.Warn,
            context.Cancellation)));
        StagedTrainer both = new(stages, data, generated, Refiner(stages, run.Settings, context), run.Folder, device, context.Progress.Warn)
        {
            AcceptMemory = acceptMemory,
            Cuda = ModelOptions.Cuda(execution.Cuda),
            Workers = execution.Workers,
            Ranks = ranks,
        };
        context.Progress.Track(progress => both.Run(how, stop.Watch(record?.Watch(progress) ?? progress), stop.Token));
    }

    private Func<OpenRefiner>? Refiner(StagedRun run, CloudsSettings settings, VerbContext context) => run.Sam.Length == 0 ? null : () =>
    {
        (IMaskPredictor masks, IDisposable owner) = open(run.Sam, settings, context);
        return new OpenRefiner(new PseudoLabelRefiner(masks, run.Refinement with { ListDropped = false }, run.Threads), owner);
    };

    private static void Report(TrainingRun run, Options options, VerbContext context, double seconds)
    {
        RunFolder last = run.Stages?.FolderOf(StagedRun.Self, run.Folder.Path) ?? run.Folder;
        HistoryLine line = TrainingHistory.Read(last.History)[^1];
        long steps = line.Step + 1;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { model = run.Folder.Model, steps, seconds = Math.Round(seconds, 3), last = line }));
        }
        else
        {
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Folder.Model}: {steps} steps, last loss {line.Loss:0.###}"));
        }
    }
}
