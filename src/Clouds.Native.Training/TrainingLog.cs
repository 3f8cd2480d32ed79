using Clouds.Native.Segmentation;
using Microsoft.Extensions.Logging;

namespace Clouds.Native.Training;

/// <summary>What a training tells a host's log.</summary>
internal static partial class TrainingLog
{
    [LoggerMessage(21, LogLevel.Information, "Training on {Count} images of {Data} begins in {Folder} on {Device}: {Steps} steps")]
    public static partial void Started(ILogger logger, string data, int count, string folder, ComputeDevice device, long steps);

    [LoggerMessage(22, LogLevel.Warning, "{Sentence}")]
    public static partial void Warned(ILogger logger, string sentence);

    [LoggerMessage(23, LogLevel.Debug, "Step {Step} of {Steps}: loss {Loss}")]
    public static partial void Step(ILogger logger, long step, long steps, double loss);

    [LoggerMessage(24, LogLevel.Information, "{Model} is trained: {Steps} steps, last loss {Loss}")]
    public static partial void Finished(ILogger logger, string model, long steps, double loss);
}
