using Clouds.Native.Segmentation;

namespace Clouds.Cli.Method;

/// <summary>Opens what an arm has learned.</summary>
internal static class MethodSegmenter
{
    private const int MostSessions = 8;

    /// <summary>The model of an arm; scenes are so small that each is answered by one thread, as many at once as there are threads.</summary>
    public static Segmenter Open(MethodContext context, MethodArm arm) => Segmenter.Load(context.Folder.Run(arm).Model, new SegmenterOptions
    {
        Device = ComputeDevice.Parse(context.Device.ToString()),
        Sessions = Math.Min(MostSessions, context.Threads == 0 ? Environment.ProcessorCount : context.Threads),
        Threads = 1,
        Warn = context.Tell,
    });
}
