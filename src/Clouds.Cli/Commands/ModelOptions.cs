using Clouds.Cli.Settings;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Commands;

/// <summary>Opens the model of the verbs that use one.</summary>
internal static class ModelOptions
{
    public static Segmenter Load(string path, CloudsSettings settings, int? shortSide, int? longSide, VerbContext context) => Segmenter.Load(path, new()
    {
        Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
        Threads = settings.Execution.Threads,
        Cuda = Cuda(settings.Execution.Cuda),
        ShortSide = shortSide,
        LongSide = longSide,
        Warn = context.Progress.Warn,
    });

    private static CudaOptions Cuda(CudaSettings settings) => new()
    {
        Tf32 = settings.Precision == CudaPrecision.Tf32,
        ConvolutionSearch = (CudaSearch)settings.ConvolutionSearch,
        MemoryLimit = settings.MemoryLimit,
        Deterministic = settings.Deterministic,
        GrowAsRequested = settings.ArenaGrowth == ArenaGrowth.SameAsRequested,
    };
}
