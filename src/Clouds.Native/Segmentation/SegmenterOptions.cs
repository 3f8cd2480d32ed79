using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>How a segmenter runs.</summary>
public sealed record SegmenterOptions
{
    /// <summary>"auto" (the first GPU where it works, the processor otherwise), "cpu", "cuda" or "cuda:N" (an error where it does not work).</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Processor threads; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Short side in pixels at which the network sees images; null: what the model was made for; 0: the image's own size.</summary>
    public int? ShortSide { get; init; }

    /// <summary>Told in one sentence why a GPU is not used where "auto" fell back.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How ONNX Runtime's CUDA provider works.</summary>
    public CudaOptions Cuda { get; init; } = new();

    internal SessionSettings Sessions => new() { Threads = Threads };

    internal Device OpenDevice()
    {
        DeviceName name = DeviceName.Parse(Device, $"{nameof(SegmenterOptions)}.{nameof(Device)}");
        return Runtime.Devices.Device.Open(name, new DeviceSettings { Warn = Warn, Cuda = Cuda.Settings });
    }
}
