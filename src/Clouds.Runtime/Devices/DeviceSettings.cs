using Clouds.Runtime.Compilation;
using Clouds.Runtime.Distributed;

namespace Clouds.Runtime.Devices;

/// <summary>What a device is wanted for; it works where it can do that.</summary>
public enum DeviceUse
{
    /// <summary>Networks; on a GPU with our kernels where they can be had, otherwise with the operators' lowerings, which one sentence says.</summary>
    Networks,

    /// <summary>Networks whose operators have to run on our kernels.</summary>
    NetworksOnKernels,

    /// <summary>Our kernels alone; ONNX Runtime is not asked.</summary>
    Kernels,
}

/// <summary>How a device is opened.</summary>
public sealed record DeviceSettings
{
    /// <summary>What it is wanted for.</summary>
    public DeviceUse Use { get; init; }

    /// <summary>Processor threads of sessions that do not say; 0: one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Number of this process among those that mpirun or srun started on this host: "auto" and "cuda" are the GPU of that number, modulo their number.
    /// </summary>
    public int LocalRank { get; init; } = Launch.Of(Environment.GetEnvironmentVariable)?.LocalRank ?? 0;

    /// <summary>Told once, in one sentence, why "auto" does not use CUDA, or why lowerings run there although our kernels were wanted.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How ONNX Runtime's CUDA provider works.</summary>
    public CudaSettings Cuda { get; init; } = new();

    /// <summary>Starts the driver that "emulated" stands for; null: there is none here.</summary>
    public Func<IDriverTable>? Emulator { get; init; }

    /// <summary>Starts a driver in the place of the machine's own for "cuda"; null: the machine's.</summary>
    public Func<IDriverTable>? Driver { get; init; }

    /// <summary>Compiler of the kernels; null: NVRTC with the user's cache.</summary>
    public KernelCompiler? Compiler { get; init; }

    /// <summary>Changes PTX before it is loaded; for tests that plant a defect.</summary>
    public Func<string, string>? Rewrite { get; init; }
}

/// <summary>
/// A CUDA driver by the addresses of its functions, brought along by whoever has another one than the machine's. The device that is opened over it
/// owns it and disposes it last.
/// </summary>
public interface IDriverTable : IDisposable
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>Address of a driver function by name, 0 = there is none.</summary>
    nint EntryPoint(string name);
}
