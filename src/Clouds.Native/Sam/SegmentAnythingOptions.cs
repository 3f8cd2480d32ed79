using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>How Segment Anything runs. <see cref="SegmentAnything.Load"/> checks all of it.</summary>
public sealed record SegmentAnythingOptions
{
    private const int MostThreads = 1024;
    private const int MostPrompts = 1024;

    /// <summary>Where the networks run.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Processor threads of one call, 0..1024; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Prompts that are answered together, 1..1024: more take more memory, about 45 MB each with the published sizes, and hardly less time. However many there
    /// are, they are answered so many at a time.
    /// </summary>
    public int PromptsAtOnce { get; init; } = 8;

    /// <summary>
    /// Path of the decoder as Segment Anything's own script exports it to ONNX, to be run in the place of the weight file's; null: the weight file's. It takes
    /// one prompt at a time.
    /// </summary>
    public string? Decoder { get; init; }

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
        Require(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, $"0..{MostThreads}");
        Require(PromptsAtOnce is >= 1 and <= MostPrompts, nameof(PromptsAtOnce), PromptsAtOnce, $"1..{MostPrompts}");
        Require(Decoder is null or { Length: > 0 }, nameof(Decoder), "an empty path", "a path, or null");
        Require(Cuda is not null, nameof(Cuda), "null", "options");
    }

    private static void Require(bool condition, string member, object? found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(SegmentAnythingOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
