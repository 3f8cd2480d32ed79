using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clouds.Native.Training;

/// <summary>Trains segmenters on labelled images: stage 1 of the paper, its training on the source domain.</summary>
/// <example>
/// <code>
/// using Clouds.Native.Training;
///
/// LabelledImages data = LabelledImages.Open("streets:source?count=200");
/// TrainingOptions options = TrainingOptions.Small with { Steps = 300 };
/// TrainingResult result = SegmenterTraining.Train(data, options, "run", new Progress&lt;TrainingProgress&gt;(Console.WriteLine));
/// Console.WriteLine($"{result.ModelPath}: loss {result.Loss:F3} after {result.Steps} steps");
/// </code>
/// </example>
public static class SegmenterTraining
{
    /// <summary>Trains to the last step. Ends with a model, and always with a checkpoint once a step is done, from which the run can be resumed.</summary>
    /// <param name="data">The source domain.</param>
    /// <param name="options">Preset, steps, device.</param>
    /// <param name="folder">Where the run's files go; new or empty, or with <see cref="TrainingOptions.Resume"/> that of an interrupted run.</param>
    /// <param name="progress">Told after every step, on the thread that trains; null: nobody.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="ArgumentException">An argument is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">
    /// Usage: an option is out of range, the options do not fit the data, or the folder is in use; BadInput: an image or a label; Weights: the encoder's do
    /// not fit; Output: a full disk; Device: the GPU fails; Numeric: a loss that stays infinite.
    /// </exception>
    public static TrainingResult Train(
        LabelledImages data, TrainingOptions options, string folder, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options.Require();
        RunFolder run = new(Path.GetFullPath(folder));
        SourceTrainingConfig config = options.Resume ? Interrupted(run, data) : Fresh(run, options);
        ILogger logger = options.Logger ?? NullLogger.Instance;
        long start = Stopwatch.GetTimestamp();
        Run(data, config, run, options, new StepReport(progress, logger), cancellation);
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        double loss = TrainingHistory.Read(run.History)[^1].Loss;
        TrainingLog.Finished(logger, run.Model, config.Steps, loss);
        return new TrainingResult(run.Model, config.Steps, loss, duration);
    }

    private static void Run(
        LabelledImages data, SourceTrainingConfig config, RunFolder run, TrainingOptions options, StepReport report, CancellationToken cancellation)
    {
        void Warn(string sentence)
        {
            TrainingLog.Warned(report.Logger, sentence);
            options.Warn?.Invoke(sentence);
        }

        using Device device = Device.Open(DeviceName.Parse(options.Device.ToString(), nameof(TrainingOptions.Device)), new DeviceSettings { Warn = Warn });
        TrainingLog.Started(report.Logger, data.Name, data.Count, run.Path, options.Device, config.Steps);
        TrainingData samples = CheckedData.Open(data.Spec, new DataConfig(), new CheckCache(null), warn: Warn, cancellation: cancellation);
        SourceTrainer trainer = new(config, samples, run, device, options.Threads, Warn) { AcceptMemory = options.AcceptMemory };
        RunStart how = !options.Resume ? RunStart.New : options.AcceptChangedData ? RunStart.ResumedOnChangedData : RunStart.Resumed;
        trainer.Run(how, report, cancellation);
    }

    private static SourceTrainingConfig Interrupted(RunFolder run, LabelledImages data)
    {
        SourceRun interrupted = SourceRun.Interrupted(run);
        return interrupted.Data == data.Spec
            ? interrupted.Config
            : throw new CloudsException(Failure.Usage, "the run was started with other data", run.Path, data.Spec, interrupted.Data,
                "resume it with its own data, or start another run in a new folder");
    }

    private static SourceTrainingConfig Fresh(RunFolder run, TrainingOptions options)
    {
        string? used = Directory.Exists(run.Path) ? Directory.EnumerateFileSystemEntries(run.Path).FirstOrDefault() : null;
        return used is null
            ? options.Config
            : throw new CloudsException(Failure.Usage, "the run's folder is not empty", run.Path, Path.GetFileName(used), "an empty or a new folder",
                $"choose another folder, or set {nameof(TrainingOptions)}.{nameof(TrainingOptions.Resume)} to go on with an interrupted run there");
    }
}
