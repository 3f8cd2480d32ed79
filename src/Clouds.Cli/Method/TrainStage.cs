using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>Trains an arm to its last step; from its checkpoint where there is one.</summary>
/// <param name="context">What all stages have in common.</param>
/// <param name="arm">The arm.</param>
/// <param name="steps">Its steps.</param>
internal abstract class TrainStage(MethodContext context, MethodArm arm, long steps) : MethodStage(context)
{
    /// <summary>What runs call the labelled source.</summary>
    protected const string SourceSpec = "world:narrow";

    public override string Name => $"train {MethodFolder.Name(arm)}";

    public override bool IsDone => Checkpoint.IsDone(Folder, steps);

    /// <summary>Which arm.</summary>
    protected MethodArm Arm => arm;

    /// <summary>The run.</summary>
    protected RunFolder Folder => Context.Folder.Run(arm);

    /// <summary>The labelled source.</summary>
    protected TrainingData Source => new(SourceSpec, Context.Scenes.Source);

    public override string Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        Train(Folder.Checkpoints.Count > 0 ? RunStart.Resumed : RunStart.New, new Renamed(Name, progress), cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"{steps} steps, loss {MethodScores.LastLoss(Folder):0.00}");
    }

    /// <summary>Settings of stage 1, of which stage 2 has most too.</summary>
    protected SourceTrainingConfig Settings() => MethodSettings.Source(Context.Plan, arm, Context.Clip, EncoderFile.Sizes(Context.Clip));

    /// <summary>Trains. Forecasts of one training among several would only be mistaken for those of the whole, so nobody hears them.</summary>
    protected abstract void Train(RunStart start, IProgress<ProgressReport> progress, CancellationToken cancellation);

    private sealed class Renamed(string name, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => inner.Report(new ProgressReport(name, value.Done, value.Total, value.Metrics));
    }
}
