using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clouds.Native.Segmentation;

/// <summary>How a segmenter runs. <see cref="Segmenter.Load"/> checks all of it.</summary>
public sealed record SegmenterOptions
{
    private const int MostThreads = 1024;
    private const int MostSessions = 64;

    /// <summary>Where the network runs.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Processor threads of one call, 0..1024; 0: the processors, shared out among <see cref="Sessions"/>.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Calls that are computed at once, 1..64; others wait. Sessions share the weights, and each has activations of its own. On a GPU calls take turns
    /// whatever is said here.
    /// </summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Short side in pixels at which the network sees images; null: what the model was made for; 0: the image's own size.</summary>
    public int? ShortSide { get; init; }

    /// <summary>
    /// Long side in pixels that images do not exceed when the network sees them, whatever their short side becomes; 0: any; null: 2048, or twice the short
    /// side where that is more, and any for images of their own size (<see cref="Images.TestTimeResize.Size"/>). Answers have the image's size always.
    /// </summary>
    public int? LongSide { get; init; }

    /// <summary>How often and how it looks at an image. Default: once, at the whole image.</summary>
    public TestTimeViews Views { get; init; } = new();

    /// <summary>Told in one sentence why a GPU is not used where <see cref="ComputeDevice.Auto"/> fell back.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The host's log: the model that is opened, warnings, and at level Debug each session and image; null: none.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>How ONNX Runtime's CUDA provider works.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Threads of one session.</summary>
    internal int ThreadsOfSession => Threads > 0 ? Threads : Math.Max(1, Environment.ProcessorCount / Sessions);

    internal SessionSettings SessionSettings => new() { Threads = ThreadsOfSession };

    internal ILogger Log => Logger ?? NullLogger.Instance;

    internal Device OpenDevice() => Runtime.Devices.Device.Open(Device.Name, new DeviceSettings { Warn = Tell, Cuda = Cuda.Settings });

    private void Tell(string sentence)
    {
        SegmenterLog.Warned(Log, sentence);
        Warn?.Invoke(sentence);
    }

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, $"0..{MostThreads}");
        Require(Sessions is >= 1 and <= MostSessions, nameof(Sessions), Sessions, $"1..{MostSessions}");
        Require(ShortSide is null or >= 0, nameof(ShortSide), ShortSide, "0 or more pixels, or null");
        Require(LongSide is null or >= 0, nameof(LongSide), LongSide, "0 or more pixels, or null");
        Require(Views is { Scales: not null }, nameof(Views), "null", "views with scales");
        Views!.Require();
        Require(Cuda is not null, nameof(Cuda), "null", "options");
        Require(double.IsFinite(Cuda!.MemoryLimit) && Cuda.MemoryLimit >= 0, $"{nameof(Cuda)}.{nameof(CudaOptions.MemoryLimit)}",
            Cuda.MemoryLimit, "0 or more GiB");
        Require(Enum.IsDefined(Cuda.ConvolutionSearch), $"{nameof(Cuda)}.{nameof(CudaOptions.ConvolutionSearch)}",
            Cuda.ConvolutionSearch, string.Join(", ", Enum.GetNames<CudaSearch>()));
    }

    internal static void Require(bool condition, string member, object? found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(SegmenterOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
