using Microsoft.Extensions.Logging;

namespace Clouds.Native.Segmentation;

/// <summary>What a segmenter tells a host's log.</summary>
internal static partial class SegmenterLog
{
    [LoggerMessage(1, LogLevel.Information, "Model {Path} is open on {Device}: {Classes} classes, {Sessions} sessions of {Threads} threads")]
    public static partial void Opened(ILogger logger, string path, ComputeDevice device, int classes, int sessions, int threads);

    [LoggerMessage(2, LogLevel.Warning, "{Sentence}")]
    public static partial void Warned(ILogger logger, string sentence);

    [LoggerMessage(3, LogLevel.Debug, "A session for {Width} x {Height} pixels is being made")]
    public static partial void SessionOpened(ILogger logger, int width, int height);

    [LoggerMessage(4, LogLevel.Debug, "An image of {Width} x {Height} pixels is labelled")]
    public static partial void Labelled(ILogger logger, int width, int height);

    [LoggerMessage(5, LogLevel.Information, "The segmenter is closed")]
    public static partial void Closed(ILogger logger);
}
