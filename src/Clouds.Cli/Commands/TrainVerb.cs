using System.Diagnostics;
using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train`.</summary>
internal sealed class TrainVerb : Verb<TrainVerb.Options>
{
    public override string Name => "train";

    public override string Summary => "train a segmenter on labelled images";

    public override string Description =>
        "Trains the segmenter on one labelled data set, the source domain, and writes to the folder --out: model.safetensors (the "
        + "trained model, for segment and evaluate), checkpoint.safetensors (to resume from), history.jsonl (losses, one line a step), and "
        + "the same as events for TensorBoard (`tensorboard --logdir DIR`).\n\n"
        + "SPEC is the JSON file of a folder data set, or streets:STYLE?count=N&width=W&height=H&seed=S&split=train|test for the "
        + "built-in street scenes (styles source, night, fog, snow, rain, other); `clouds data check SPEC` examines it.\n\n"
        + "Settings are those of the section \"training\": the paper's, or with --preset small those of a network that learns from "
        + "scratch on a processor in minutes. Ctrl-C finishes the step, saves and exits with 130; so do SIGTERM and a terminal that closes, and what "
        + "fails is saved first. With --resume a run goes on "
        + "with its own settings and ends with the weights that it would have had without the interruption, bit by bit; data that have changed are "
        + "refused, with the first difference (--accept-changed-data).\n\n"
        + "Before the first step every file of the data set is read once, unless that was done before and nothing has changed; what cannot be used is "
        + "left out and told, as data.onMismatch and data.onUnreadable say. The memory that a step takes is told, and refused where it is not free; "
        + "after some steps the time of the run is told.\n\n"
        + "A step whose loss or gradient is not finite changes nothing and is counted; after training.mostSkipped of them in a row training ends with 7.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train --data city.json --out run --preset small", "Learns from scratch on the processor."),
        new("clouds train --data streets:source?count=400 --out run --preset small --set training.steps=300", "On built-in street scenes, 300 steps."),
        new("clouds train --data own.json --out tuned --from run --preset small --set training.steps=500", "Goes on from a model, on data of one's own."),
        new("clouds train --out run --resume", "Goes on after Ctrl-C, a power cut or kill -9."),
        new("clouds train --data gta.json --out run --set training.encoder.weights=convnext.safetensors", "The paper's settings, with a pretrained encoder."),
        new("clouds train --data city.json --out run --preset small --device cuda --set execution.cuda.precision=fp32", "On the GPU, without TF32."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "wrong settings; no weights to start from; a run folder that is used already; changed settings with --resume",
        [(int)Failure.Device] = "the device does not work; its memory, or the machine's, does not hold a step",
        [(int)Failure.BadInput] = "the data cannot be used, or have changed since the run was started",
        [(int)Failure.Numeric] = "the loss or its gradient is not finite any more; the run is saved as it was before",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the run is saved and can be resumed",
    };

    protected override int Run(Options options, VerbContext context)
    {
        TrainingRun run = options.Resume ? TrainingRun.Resumed(options) : TrainingRun.Fresh(options);
        ExecutionSettings execution = run.Settings.Execution;
        using Device device = Device.Open(execution.Device, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        TrainingData data = context.Progress.Track(progress => CheckedData.Open(
            run.Data, run.Settings.Data, CheckCache.OfUser, progress, context.Progress.Warn, context.Cancellation));
        SourceTrainer trainer = new(run.Settings.Training, data, run.Folder, device, execution.Threads, context.Progress.Warn)
        {
            AcceptMemory = options.AcceptMemory,
            Workers = execution.Workers,
        };
        RunStart how = !options.Resume ? RunStart.New : options.AcceptChangedData ? RunStart.ResumedOnChangedData : RunStart.Resumed;
        long start = Stopwatch.GetTimestamp();
        try
        {
            context.Progress.Track(progress => trainer.Run(how, progress, context.Cancellation));
        }
        catch (OperationCanceledException) when (File.Exists(run.Folder.Checkpoint))
        {
            throw new CloudsException(
                Failure.Interrupted, "stopped before the last step; the run is saved", run.Folder.Path, next: $"clouds train --out {run.Folder.Path} --resume");
        }

        Report(run, options, context, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return ExitCodes.Success;
    }

    private static void Report(TrainingRun run, Options options, VerbContext context, double seconds)
    {
        HistoryLine last = TrainingHistory.Read(run.Folder.History)[^1];
        long steps = run.Settings.Training.Steps;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { model = run.Folder.Model, steps, seconds = Math.Round(seconds, 3), last }));
        }
        else
        {
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Folder.Model}: {steps} steps, last loss {last.Loss:0.###}"));
        }
    }

    /// <summary>What to train on and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("data", MetaValue = "SPEC", HelpText = "The source data set: a JSON file, or streets:STYLE. Needed unless --resume.")]
        public string? Data { get; set; }

        [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder of the run.")]
        public string Out { get; set; } = "";

        [Option("preset", MetaValue = "small|paper", HelpText = "Settings to start from; --config and --set come on top. Default: paper.")]
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
    }
}
