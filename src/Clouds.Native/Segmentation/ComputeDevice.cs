using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Native.Segmentation;

/// <summary>Where networks run; the default is <see cref="Auto"/>.</summary>
public readonly record struct ComputeDevice
{
    // -1: the processor; 0: auto, so that a device that nobody set is one; n + 1: GPU n.
    private readonly int _code;

    private ComputeDevice(int code) => _code = code;

    /// <summary>The first GPU where it works, the processor otherwise.</summary>
    public static ComputeDevice Auto => default;

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu => new(-1);

    internal DeviceName Name => _code switch
    {
        < 0 => DeviceName.Cpu,
        0 => DeviceName.Auto,
        _ => DeviceName.Cuda(_code - 1),
    };

    /// <summary>An NVIDIA GPU; where it does not work, what is opened on it fails.</summary>
    /// <param name="ordinal">Its number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 0.</exception>
    public static ComputeDevice Cuda(int ordinal = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfEqual(ordinal, int.MaxValue);
        return new ComputeDevice(ordinal + 1);
    }

    /// <summary>Reads a device from a configuration: "auto", "cpu", "cuda" or "cuda:N", in any case of letters.</summary>
    /// <param name="text">The name.</param>
    /// <exception cref="CloudsException">Usage: the text is none of these; the message names the nearest.</exception>
    public static ComputeDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(DeviceName.Parse(text, nameof(ComputeDevice)));
    }

    /// <summary>"auto", "cpu", "cuda" or "cuda:N": what <see cref="Parse"/> reads.</summary>
    public override string ToString() => Name.ToString();

    internal static ComputeDevice Of(DeviceName name) => name.Kind switch
    {
        DeviceKind.Auto => Auto,
        DeviceKind.Cpu => Cpu,
        DeviceKind.Cuda => Cuda(name.Ordinal),
        _ => throw new CloudsException(
            Failure.Usage, "there is no emulated device here", nameof(ComputeDevice), $"'{name}'", DeviceName.Choices, "choose one of these"),
    };
}
