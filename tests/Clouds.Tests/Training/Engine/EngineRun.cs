using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>A run in a folder of its own.</summary>
internal sealed class EngineRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RunFolder Folder => new(_folder["run"]);

    /// <summary>What a resumed run has to have in common with an uninterrupted one: every byte of the checkpoint.</summary>
    public byte[] Checkpoint => File.ReadAllBytes(Folder.Checkpoint);

    /// <summary>Steps done in the checkpoint.</summary>
    public long SavedStep => JsonNode.Parse(Clouds.Training.Engine.Checkpoint.Describe(Folder))!["step"]!.GetValue<long>();

    /// <summary>Every float of the checkpoint, moments included.</summary>
    public float[] Tensors
    {
        get
        {
            using WeightSource file = WeightSource.Open(Folder.Checkpoint);
            return [.. file.Tensors.Keys.Order(StringComparer.Ordinal).SelectMany(file.ReadFloats)];
        }
    }

    public IReadOnlyList<HistoryLine> History => TrainingHistory.Read(Folder.History);

    /// <summary>The history's lines without what they took.</summary>
    public string[] Numbers => [.. File.ReadLines(Folder.History).Select(line => line[..line.IndexOf("\"seconds\"", StringComparison.Ordinal)])];

    public static EngineRun Whole(ITraining training, TrainingSettings settings, int threads = 1)
    {
        EngineRun run = new();
        run.Go(training, settings, threads);
        return run;
    }

    public RunState Go(ITraining training, TrainingSettings settings, int threads = 1, bool resume = false, long stopAfter = long.MaxValue)
    {
        using CancellationTokenSource stop = new();
        return Go(training, settings, Told, threads, resume, stop.Token);

        void Told(ProgressReport report)
        {
            if (report.Done >= stopAfter)
            {
                stop.Cancel();
            }
        }
    }

    /// <summary>The same with somebody who is told of each step before the next one begins.</summary>
    public RunState Go(
        ITraining training, TrainingSettings settings, Action<ProgressReport> told, int threads = 1, bool resume = false, CancellationToken stop = default)
    {
        using Trainer trainer = new(training, settings, Folder, Device.Cpu, new SessionSettings { Threads = threads });
        return trainer.Run(resume, new Watch(told), stop);
    }

    public void Dispose() => _folder.Dispose();

    // Unlike Progress<T>, tells before the next step begins.
    private sealed class Watch(Action<ProgressReport> told) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => told(value);
    }
}
