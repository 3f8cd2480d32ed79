namespace Clouds.Training.Engine;

/// <summary>What a step gave.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Measures">Further numbers by their keys, in the order of the history.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the first parameter group.</param>
/// <param name="DataSeconds">What the batch took: the wait for samples, and writing them into the ports.</param>
/// <param name="Skipped">The loss or its gradient was not finite, nothing was changed.</param>
internal sealed record StepResult(
    double Loss, OrderedDictionary<string, double> Measures, double GradientNorm, double LearningRate, double DataSeconds, bool Skipped)
{
    /// <summary>Skipped only because the loss scale was too large: the loss is finite, and the scale falls.</summary>
    public bool IsOverflow { get; init; }

    /// <summary>What progress shows of it: loss, measures, learningRate, skipped where steps were, mIoU of the last validation.</summary>
    /// <param name="skipped">Steps of the run that changed nothing.</param>
    /// <param name="validation">The last one; null: there was none.</param>
    public OrderedDictionary<string, double> Metrics(long skipped, ValidationLine? validation)
    {
        OrderedDictionary<string, double> metrics = new(Measures);
        metrics.Insert(0, "loss", Loss);
        metrics.Add("learningRate", LearningRate);
        if (skipped > 0)
        {
            metrics.Add("skipped", skipped);
        }

        if (validation?.MeanIou is double mean)
        {
            metrics.Add("mIoU", mean);
        }

        return metrics;
    }
}
