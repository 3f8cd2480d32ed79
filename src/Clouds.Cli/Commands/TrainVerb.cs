using System.Diagnostics;
using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train`.</summary>
/// <param name="open">Opens the network with which labels are refined, a file's, and who is to be disposed for it.</param>
internal sealed class TrainVerb(Func<string, CloudsSettings, VerbContext, (IMaskPredictor Masks, IDisposable Owner)> open) : Verb<TrainVerb.Options>
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
        + "snow, rain, other); `clouds data check SPEC` examines it.\n\n"
        + "Settings are those of the sections \"training\", \"selfTraining\" and \"refinement\": the paper's for its source domain (--preset gta, synthia or "
        + "cityscapes), or with --preset small those of a network that learns from "
        + "scratch on a processor in minutes. CONFIG can name everything, the data too. "
        + "Ctrl-C finishes the step, saves and exits with 130; so do SIGTERM and a terminal that closes, and what "
        + "fails is saved first. With --resume a run goes on in the stage where it was, "
        + "with its own settings, and ends with the weights that it would have had without the interruption, bit by bit; data that have changed are "
        + "refused, with the first difference (--accept-changed-data).\n\n"
        + "Before the first step every file of the data set is read once, unless that was done before and nothing has changed; what cannot be used is "
        + "left out and told, as data.onMismatch and data.onUnreadable say. The memory that a step takes is told, and refused where it is not free; "
        + "after some steps the time of the run is told.\n\n"
        + "A step whose loss or gradient is not finite changes nothing and is counted; after training.mostSkipped of them in a row training ends with 7.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train gta.json", "Both stages of the paper, as one file says, into the folder gta."),
        new("clouds train --data city.json --out run --preset small", "Learns from scratch on the processor."),
        new("clouds train --data streets:source?count=400 --out run --preset small --set training.steps=300", "On built-in street scenes, 300 steps."),
        new("clouds train --data city.json --generated made.json --out run --preset small", "Then goes on by itself on images without labels."),
        new("clouds train --data city.json --generated made.json --out two --preset small --set stages=[2] --from run", "That alone, from another run."),
        new("clouds train --data own.json --out tuned --from run --preset small --set training.steps=500", "Goes on from a model, on data of one's own."),
        new("clouds train --out run --resume", "Goes on after Ctrl-C, a power cut or kill -9."),
        new("clouds train --data gta.json --out run --set training.encoder.weights=convnext.safetensors", "The paper's settings, with a pretrained encoder."),
        new("clouds train --data city.json --out run --preset small --device cuda --set execution.cuda.precision=fp32", "On the GPU, without TF32."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "wrong settings; no weights to start from; a run folder that is used already; changed settings with --resume",
        [(int)Failure.Device] = "the device does not work; its memory, or the machine's, does not hold a step",
        [(int)Failure.BadInput] = "the data cannot be used, or have changed since the run was started; stage 2 has no model of stage 1",
        [(int)Failure.Numeric] = "the loss or its gradient is not finite any more; the run is saved as it was before",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the run is saved and can be resumed",
    };

    protected override int Run(Options options, VerbContext context)
    {
        options.TakeFile();
        TrainingRun run = options.Resume ? TrainingRun.Resumed(options) : TrainingRun.Fresh(options);
        ExecutionSettings execution = run.Settings.Execution;
        using Device device = Device.Open(execution.Device, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        using RunRecord record = RunRecord.Of(run, options, context, device);
        RunStart how = !options.Resume ? RunStart.New : options.AcceptChangedData ? RunStart.ResumedOnChangedData : RunStart.Resumed;
        long start = Stopwatch.GetTimestamp();
        try
        {
            Train(run, device, how, options.AcceptMemory, record, context);
        }
        catch (OperationCanceledException) when (File.Exists(run.Folder.Checkpoint) || run.Stages is not null)
        {
            throw new CloudsException(
                Failure.Interrupted, "stopped before the last step; the run is saved", run.Folder.Path, next: $"clouds train --out {run.Folder.Path} --resume");
        }

        Report(run, options, context, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return ExitCodes.Success;
    }

    private void Train(TrainingRun run, Device device, RunStart how, bool acceptMemory, RunRecord record, VerbContext context)
    {
        ExecutionSettings execution = run.Settings.Execution;
        TrainingData data = context.Progress.Track(progress => CheckedData.Open(
            run.Data, run.Settings.Data, CheckCache.OfUser, progress, context.Progress.Warn, context.Cancellation));
        if (run.Stages is not StagedRun stages)
        {
            SourceTrainer trainer = new(run.Settings.Training, data, run.Folder, device, execution.Threads, context.Progress.Warn)
            {
                AcceptMemory = acceptMemory,
                Workers = execution.Workers,
            };
            context.Progress.Track(progress => trainer.Run(how, record.Watch(progress), context.Cancellation));
            return;
        }

        ImageData generated = context.Progress.Track(progress => CheckedData.OpenImages(stages.Generated, stages.SelfTraining.Generated.Limit,
            run.Settings.Data, CheckCache.OfUser, progress, context.Progress.Warn, context.Cancellation));
        StagedTrainer both = new(stages, data, generated, Refiner(stages, run.Settings, context), run.Folder, device, context.Progress.Warn)
        {
            AcceptMemory = acceptMemory,
            Workers = execution.Workers,
        };
        context.Progress.Track(progress => both.Run(how, record.Watch(progress), context.Cancellation));
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
        long steps = run.Stages?.SelfTraining.Steps ?? run.Settings.Training.Steps;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { model = run.Folder.Model, steps, seconds = Math.Round(seconds, 3), last = line }));
        }
        else
        {
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Folder.Model}: {steps} steps, last loss {line.Loss:0.###}"));
        }
    }

    /// <summary>What to train on and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "CONFIG", HelpText = "The same as --config FILE.")]
        public string? File { get; set; }

        [Option("data", MetaValue = "SPEC", HelpText =
            "The source data set, as for `clouds data check`. Default: training.data of the configuration. Needed unless --resume.")]
        public string? Data { get; set; }

        [Option("generated", MetaValue = "SPEC", HelpText = "Short for selfTraining.generated.data: images without labels, for stage 2.")]
        public string? Generated { get; set; }

        [Option("sam", MetaValue = "FILE|DIR", HelpText =
            "Short for sam.weights: weights of Segment Anything or MobileSAM, with which stage 2 refines labels; or a folder with the published files.")]
        public string? Sam { get; set; }

        [Option("out", MetaValue = "DIR", HelpText = "Folder of the run. Default: the name of CONFIG without its ending, in the current folder.")]
        public string? Out { get; set; }

        [Option("preset", MetaValue = Presets.Names, HelpText =
            "Settings to start from; --config and --set come on top. Default: gta, which is also called paper.")]
        public Preset? Preset { get; set; }

        [Option("anew", HelpText = "Start in a folder that is not empty, where it has neither checkpoint nor model; the beginnings of a run are removed.")]
        public bool Anew { get; set; }

        [Option("from", MetaValue = "MODEL", HelpText =
            "Start from a trained model: its network and its weights. Class heads start anew where the data have another number of classes.")]
        public string? From { get; set; }

        [Option("from-scratch", HelpText = "Start from random weights although no preset says so; an encoder that is frozen then stays random.")]
        public bool FromScratch { get; set; }

        [Option("accept-memory", HelpText = "Begin although the machine has not the memory that is foreseen.")]
        public bool AcceptMemory { get; set; }

        [Option("resume", HelpText = "Go on from the checkpoint in --out, with the settings and the data of the run.")]
        public bool Resume { get; set; }

        [Option("accept-changed-data", HelpText = "With --resume: go on although the data are not what they were when the run was started.")]
        public bool AcceptChangedData { get; set; }

        /// <summary>Folder of the run.</summary>
        public string Folder => Out ?? Path.GetFileNameWithoutExtension(Config) ?? throw new CloudsException(
            Failure.Usage, "there is no folder for the run", "clouds train", null, "--out DIR", "name a new folder, or that of the run to resume");

        /// <summary>The file in the first place is the configuration.</summary>
        public void TakeFile()
        {
            if (File is not null && Config is not null)
            {
                throw new CloudsException(Failure.Usage, "there are two configurations", "clouds train", $"{File} and --config {Config}", "one of them");
            }

            Config ??= File;
        }

        protected override IEnumerable<string> Shorthands =>
        [
            .. base.Shorthands,
            .. Generated is null ? Array.Empty<string>() : [$"selfTraining.generated.data={JsonText(Generated)}"],
            .. Sam is null ? Array.Empty<string>() : [$"sam.weights={JsonText(Sam)}"],
        ];

        private static string JsonText(string text) => System.Text.Json.JsonSerializer.Serialize(text);
    }
}
