using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Sessions;

/// <summary>Where graphs run.</summary>
public enum DeviceKind
{
    /// <summary>CUDA where it works, the processor otherwise.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU; a failure to use it is an error.</summary>
    Cuda,
}

/// <summary>A device that a user asks for or a session runs on.</summary>
/// <param name="Kind">Kind of device.</param>
/// <param name="Ordinal">Number of the GPU, from 0; 0 for the other kinds.</param>
public sealed record Device(DeviceKind Kind, int Ordinal = 0)
{
    /// <summary>The first GPU where it works, the processor otherwise.</summary>
    public static Device Auto { get; } = new(DeviceKind.Auto);

    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new(DeviceKind.Cpu);

    /// <summary>Reads "auto", "cpu", "cuda" or "cuda:1".</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Usage"/>: the text is none of these.</exception>
    public static Device Parse(string text)
    {
        string[] parts = text.Split(':');
        int ordinal = 0;
        bool numbered = parts.Length == 2 && parts[0] == "cuda" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ordinal);
        return (parts[0], parts.Length == 1 || numbered) switch
        {
            ("auto", true) => Auto,
            ("cpu", true) => Cpu,
            ("cuda", true) => new Device(DeviceKind.Cuda, ordinal),
            _ => throw new CloudsException(Failure.Usage, "unknown device", "--device", found: text, expected: "auto, cpu, cuda or cuda:N"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == DeviceKind.Cuda && Ordinal > 0 ? $"cuda:{Ordinal}" : Kind.ToString().ToLowerInvariant();
}
