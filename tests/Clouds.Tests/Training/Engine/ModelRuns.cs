using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>How a trainer is run, whatever it trains.</summary>
internal delegate void RunOf(TrainerOptions options, bool resume, IProgress<ProgressReport>? progress, CancellationToken cancellation);

/// <summary>Runs of trainers in folders of their own.</summary>
internal sealed class ModelRuns : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string this[string name] => _folder[name];

    public RunFolder Folder(string name) => new(_folder[name]);

    public RunFolder Train(string name, RunOf run, int threads = 1, int workers = 0, bool resume = false)
    {
        run(Options(name, threads, workers), resume, null, CancellationToken.None);
        return Folder(name);
    }

    /// <summary>Stops a run behind a step and resumes it.</summary>
    public RunFolder TrainInTwoParts(string name, RunOf run, long stopAfter, int workers)
    {
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => run(Options(name, 1, workers), false, new Watch(stopAfter, stop), stop.Token));
        return Train(name, run, workers: workers, resume: true);
    }

    /// <summary>Mean loss of the first and of the last ten steps.</summary>
    public (double First, double Last) Losses(string name)
    {
        HistoryLine[] lines = [.. TrainingHistory.Read(Folder(name).History)];
        return (lines[..10].Average(line => line.Loss), lines[^10..].Average(line => line.Loss));
    }

    public void Dispose() => _folder.Dispose();

    private TrainerOptions Options(string name, int threads, int workers) => new(Folder(name), Device.Cpu) { Threads = threads, Workers = workers };

    private sealed class Watch(long stopAfter, CancellationTokenSource stop) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.Done >= stopAfter)
            {
                stop.Cancel();
            }
        }
    }
}
