using Clouds.Cli.Settings;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Commands;

/// <summary>Opens the model of the verbs that use one.</summary>
internal static class ModelOptions
{
    /// <param name="path">The model.</param>
    /// <param name="settings">Device and threads.</param>
    /// <param name="shortSide">As in <see cref="SegmenterOptions"/>.</param>
    /// <param name="longSide">As in <see cref="SegmenterOptions"/>.</param>
    /// <param name="context">Told of a device that is not used.</param>
    /// <param name="sessions">Images computed at once; they share the threads.</param>
    /// <param name="views">How it looks at images; null: once.</param>
    public static Segmenter Load(
        string path, CloudsSettings settings, int? shortSide, int? longSide, VerbContext context, int sessions = 1, TestTimeViews? views = null)
        => Segmenter.Load(path, new()
    {
        Views = views ?? new TestTimeViews(),
        Sessions = sessions,
        Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
        Threads = settings.Execution.Threads == 0 ? 0 : Math.Max(1, settings.Execution.Threads / sessions),
        Cuda = Cuda(settings.Execution.Cuda),
        ShortSide = shortSide,
        LongSide = longSide,
        Warn = context.Progress.Warn,
    });

    /// <summary>Opens Segment Anything.</summary>
    /// <param name="path">Its weights.</param>
    /// <param name="settings">Device and threads.</param>
    /// <param name="context">Told of a device that is not used.</param>
    public static SegmentAnything LoadSam(string path, CloudsSettings settings, VerbContext context) => SegmentAnything.Load(path, new()
    {
        Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
        Threads = settings.Execution.Threads,
        Cuda = Cuda(settings.Execution.Cuda),
        Warn = context.Progress.Warn,
    });

    /// <summary>How a latent diffusion runs.</summary>
    /// <param name="settings">Device and threads.</param>
    /// <param name="context">Told of a device that is not used.</param>
    public static StableDiffusionOptions Painting(CloudsSettings settings, VerbContext context) => new()
    {
        Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
        Threads = settings.Execution.Threads,
        Warn = context.Progress.Warn,
        Cuda = Cuda(settings.Execution.Cuda),
    };

    /// <summary>Opens a CLIP that says how well images show texts.</summary>
    /// <param name="path">Its weights.</param>
    /// <param name="settings">Device and threads.</param>
    /// <param name="context">Told of a device that is not used.</param>
    public static ClipScorer LoadClip(string path, CloudsSettings settings, VerbContext context) => ClipScorer.Load(path, new()
    {
        Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
        Threads = settings.Execution.Threads,
        Warn = context.Progress.Warn,
        Cuda = Cuda(settings.Execution.Cuda),
    });

    /// <summary>The embeddings that Segment Anything has made of images before.</summary>
    /// <param name="sam">Who makes them.</param>
    /// <param name="settings">Where they lie and what they may take.</param>
    /// <param name="context">Told of a folder that cannot be used.</param>
    public static EmbeddingCache Embeddings(SegmentAnything sam, CloudsSettings settings, VerbContext context) => new(
        sam, settings.Sam.Cache.Length > 0 ? settings.Sam.Cache : null, (long)(settings.Sam.CacheSize * (1L << 30)), context.Progress.Warn);

    /// <summary>The settings in a segmenter's words.</summary>
    public static CudaOptions Cuda(CudaSettings settings) => new()
    {
        Tf32 = settings.Precision == CudaPrecision.Tf32,
        ConvolutionSearch = (CudaSearch)settings.ConvolutionSearch,
        MemoryLimit = settings.MemoryLimit,
        Deterministic = settings.Deterministic,
        GrowAsRequested = settings.ArenaGrowth == ArenaGrowth.SameAsRequested,
    };
}
