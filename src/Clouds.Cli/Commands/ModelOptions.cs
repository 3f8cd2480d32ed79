using Clouds.Cli.Settings;
using Clouds.Native.Segmentation;

namespace Clouds.Cli.Commands;

/// <summary>Opens the model of the verbs that use one.</summary>
internal static class ModelOptions
{
    public static Segmenter Load(string path, CloudsSettings settings, int? shortSide, VerbContext context) => Segmenter.Load(path, new SegmenterOptions
    {
        Device = settings.Execution.Device.ToString(),
        Threads = settings.Execution.Threads,
        ShortSide = shortSide,
        Warn = context.Progress.Warn,
    });
}
