using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Cli.Demo;

/// <summary>One unseen image with its labels and the answer.</summary>
internal sealed record DemoPicture(StreetStyle Style, RgbImage Image, LabelMap Truth, LabelMap Answer);

/// <summary>What the demonstration found out.</summary>
/// <param name="Steps">Training steps.</param>
/// <param name="TrainSeconds">Time of training.</param>
/// <param name="EvaluateSeconds">Time of evaluation.</param>
/// <param name="History">Losses of every step.</param>
/// <param name="Scores">Scores by style, the source first.</param>
/// <param name="Pictures">Some answers, by style.</param>
internal sealed record DemoFindings(
    long Steps,
    double TrainSeconds,
    double EvaluateSeconds,
    IReadOnlyList<HistoryLine> History,
    IReadOnlyDictionary<StreetStyle, EvaluationResult> Scores,
    IReadOnlyList<DemoPicture> Pictures);

/// <summary>Trains on the source style and tests on all styles, within a given time.</summary>
internal sealed class DemoRun(DemoPlan plan, string folder, TimeSpan time, Device device, int threads, Action<string> warn)
{
    private const int PicturesPerStyle = 2;

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Does everything but the report.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DemoFindings Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        StreetDataset source = plan.Source;
        Render(source, progress, cancellation);
        int steps = Steps(source, cancellation);
        RunFolder run = new(Path.Combine(folder, "run"));
        long trainStart = Stopwatch.GetTimestamp();
        Train(Trainer(plan.Training(steps), source, run, warn), progress, cancellation);
        double trainSeconds = Stopwatch.GetElapsedTime(trainStart).TotalSeconds;
        return Evaluate(run, trainSeconds, progress, cancellation);
    }

    // Rendering ahead, on all cores, is also what keeps the speed measured below from being that of the renderer.
    private static void Render(StreetDataset data, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        int done = 0;
        Parallel.For(0, data.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            data.Load(i);
            progress.Report(new ProgressReport("make street scenes", Interlocked.Increment(ref done), data.Count));
        });
    }

    private int Steps(StreetDataset source, CancellationToken cancellation)
    {
        RunFolder trial = new(Path.Combine(folder, "trial"));
        Trainer(plan.Training(plan.TrialSteps), source, trial, tell: null).Run(cancellation: cancellation);
        double[] seconds = [.. TrainingHistory.Read(trial.History).Skip(plan.TrialSteps / 3).Select(line => line.Seconds).Order()];
        Directory.Delete(trial.Path, recursive: true);
        int possible = (int)Math.Clamp(TrainingTime.TotalSeconds / seconds[seconds.Length / 2], plan.FewestSteps, plan.MostSteps);
        if (possible < plan.MostSteps)
        {
            warn(
                $"this machine needs {seconds[seconds.Length / 2]:0.00} s a step now: {possible} steps fit the time, "
                + $"{plan.MostSteps} would be better (--minutes)");
        }

        return possible;
    }

    // Other work on the machine may slow it down after its speed was measured; a stopped run has a model too.
    private void Train(SourceTrainer trainer, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        TimeSpan end = Stopwatch.GetElapsedTime(_start) + TrainingTime + (plan.Grace * time);
        StepWatch watch = new(report =>
        {
            progress.Report(report);
            if (report.Done >= plan.FewestSteps && Stopwatch.GetElapsedTime(_start) > end)
            {
                limit.Cancel();
            }
        });
        try
        {
            trainer.Run(progress: watch, cancellation: limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            warn("the machine has become slower: training ends before its last step");
        }
    }

    private TimeSpan TrainingTime
    {
        get
        {
            TimeSpan left = ((1 - plan.EvaluationShare) * time) - Stopwatch.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private SourceTrainer Trainer(SourceTrainingConfig config, StreetDataset source, RunFolder run, Action<string>? tell) =>
        new(config, new TrainingData("streets:source", source), run, device, threads, tell);

    private DemoFindings Evaluate(RunFolder run, double trainSeconds, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using Segmenter segmenter = Segmenter.Load(run.Model, new SegmenterOptions { Device = ComputeDevice.Parse(device.ToString()), Threads = threads });
        Dictionary<StreetStyle, EvaluationResult> scores = [];
        List<DemoPicture> pictures = [];
        foreach (StreetStyle style in Enum.GetValues<StreetStyle>())
        {
            StreetDataset test = plan.Test(style);
            Parallel.For(0, test.Count, new ParallelOptions { CancellationToken = cancellation }, i => test.Load(i));
            scores[style] = Evaluator.Run(segmenter, test, progress: progress, cancellation: cancellation);
            pictures.AddRange(Enumerable.Range(0, Math.Min(PicturesPerStyle, test.Count)).Select(i => Picture(segmenter, style, test.Load(i))));
        }

        IReadOnlyList<HistoryLine> history = TrainingHistory.Read(run.History);
        return new DemoFindings(history.Count, trainSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds, history, scores, pictures);
    }

    private static DemoPicture Picture(Segmenter segmenter, StreetStyle style, Sample sample)
    {
        SegmentationResult answer = segmenter.Segment(sample.Image);
        return new DemoPicture(style, sample.Image, sample.Labels, new LabelMap(answer.Width, answer.Height, answer.Labels));
    }

    // Unlike Progress<T>, tells before the next step begins.
    private sealed class StepWatch(Action<ProgressReport> told) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => told(value);
    }
}
