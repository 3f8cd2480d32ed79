using Clouds.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Clouds.Native.Training;

/// <summary>Tells a host of each step, as it asked to be told; other stages have none.</summary>
/// <param name="progress">Told of every step; null: nobody.</param>
/// <param name="logger">Told of every step.</param>
internal sealed class StepReport(IProgress<TrainingProgress>? progress, ILogger logger) : IProgress<ProgressReport>
{
    public ILogger Logger => logger;

    public void Report(ProgressReport value)
    {
        if (value.Metrics is { } metrics && metrics.TryGetValue("loss", out double loss) && metrics.TryGetValue("learningRate", out double rate))
        {
            TrainingLog.Step(logger, value.Done, value.Total, loss);
            progress?.Report(new TrainingProgress(value.Done, value.Total, loss, rate));
        }
    }
}
