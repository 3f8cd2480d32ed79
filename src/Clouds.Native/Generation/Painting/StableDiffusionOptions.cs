using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>In what networks are computed.</summary>
public enum PaintPrecision
{
    /// <summary>Half precision on a GPU where the weights lie in it, otherwise single.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Single,

    /// <summary>Products and convolutions in half precision; normalisations and sums in single.</summary>
    Half,
}

/// <summary>How Stable Diffusion runs.</summary>
public sealed record StableDiffusionOptions
{
    private const int MostThreads = 1024;

    /// <summary>Where the networks run.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>In what they are computed.</summary>
    public PaintPrecision Precision { get; init; }

    /// <summary>Processor threads, 0..1024; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Pixels of the side of tiles that images are decoded in, for less memory; a fourth of them overlaps the next tile and is blended into it, which is a
    /// multiple of four times <see cref="PainterFacts.Multiple"/> therefore. 0: whole images.
    /// </summary>
    public int Tile { get; init; }

    /// <summary>Steps from one preview to the next; 0: none.</summary>
    public int PreviewEvery { get; init; }

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
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<PaintPrecision>()));
        Require(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, $"0..{MostThreads}");
        Require(Tile >= 0, nameof(Tile), Tile, "0 or more pixels");
        Require(PreviewEvery >= 0, nameof(PreviewEvery), PreviewEvery, "0 or more steps");
        Require(Cuda is not null, nameof(Cuda), "null", "options");
    }

    private static void Require(bool condition, string member, object? found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(StableDiffusionOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
