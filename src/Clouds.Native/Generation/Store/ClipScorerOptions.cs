using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Store;

/// <summary>How a CLIP runs.</summary>
public sealed record ClipScorerOptions
{
    /// <summary>Where the towers run.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Processor threads, 0..1024; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Told in one sentence why a GPU is not used where <see cref="ComputeDevice.Auto"/> fell back.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How ONNX Runtime's CUDA provider works.</summary>
    public CudaOptions Cuda { get; init; } = new();

    internal SessionSettings SessionSettings => new() { Threads = Threads };

    internal Device OpenDevice() => Runtime.Devices.Device.Open(Device.Name, new DeviceSettings { Warn = Warn, Cuda = Cuda.Settings });

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        if (Threads is < 0 or > 1024)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(ClipScorerOptions)}.{nameof(Threads)}", $"{Threads}", "0..1024",
                "correct the option");
        }
    }
}
