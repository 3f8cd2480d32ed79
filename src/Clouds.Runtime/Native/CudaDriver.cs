using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// NVIDIA's driver API, loaded at run time: a table of function pointers, filled from libcuda.so.1 or, in tests, from an emulator.
/// Every call's status goes through <see cref="Check"/>.
/// </summary>
public sealed unsafe partial class CudaDriver
{
    /// <summary>Status of a module image that is no code for this device.</summary>
    public const int NoBinaryForGpu = 209;

    /// <summary>Status of a module image that the driver cannot read, for instance machine code from a newer CUDA.</summary>
    public const int InvalidImage = 200;

    /// <summary>Oldest CUDA version that a driver may have: 11.8.</summary>
    public const int OldestVersion = 11_080;

    private const int OutOfMemory = 2;
    private const int FirstKernelFault = 700;
    private const int LastKernelFault = 720;
    private static readonly Lazy<CudaDriver> System = new(LoadSystem);

    /// <summary>Whether a library of the driver's name could be loaded, be it of use or not. Only true after <see cref="Default"/> was asked for.</summary>
    public static bool LibraryIsThere { get; private set; }

    /// <summary>The machine's driver, loaded and initialised once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: no driver, or it does not start.</exception>
    public static CudaDriver Default => System.Value;

    /// <summary>Another driver than the machine's, initialised.</summary>
    /// <param name="find">Address of an entry point by name, 0 = none.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: an entry point is missing, or it does not start.</exception>
    public static CudaDriver Over(Func<string, nint> find, string name)
    {
        CudaDriver driver = new(find, new LibrarySearch(name));
        driver.Initialise();
        return driver;
    }

    /// <summary>Initialises the driver API; must be called before any other entry point.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: it does not start, or it is older than CUDA 11.8.</exception>
    public void Initialise()
    {
        Check(cuInit(0));
        int version = Version;
        if (version < OldestVersion)
        {
            throw new CloudsException(Failure.Device, "the NVIDIA driver is too old", where: Search.Trace.LastOrDefault("cuDriverGetVersion"),
                found: $"CUDA {VersionText(version)}", expected: $"CUDA {VersionText(OldestVersion)} or newer, which driver 520 was the first to have",
                next: "update the NVIDIA driver, or run with ComputeDevice.Cpu");
        }
    }

    /// <summary>"11.8" for 11080.</summary>
    public static string VersionText(int version) => $"{version / 1000}.{version / 10 % 100}";

    /// <summary>CUDA version of the driver, for instance 11080 for 11.8.</summary>
    public int Version
    {
        get
        {
            int version;
            Check(cuDriverGetVersion(&version));
            return version;
        }
    }

    /// <summary>Turns a status into an exception; the one place where that happens for the driver.</summary>
    /// <param name="status">What the call returned; 0 = success.</param>
    /// <param name="call">Text of the call, filled in by the compiler.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/> with the failing call and the driver's name for the status.</exception>
    public void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            throw Failed(status, call, detail: null);
        }
    }

    /// <summary>
    /// The same for giving something back. After a kernel's fault every call fails with the fault's status; that one has its own message,
    /// which a failing Dispose must not hide, and the memory goes with the process.
    /// </summary>
    public void CheckRelease(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status is < FirstKernelFault or > LastKernelFault)
        {
            Check(status, call);
        }
    }

    /// <summary>The exception for a status.</summary>
    public CloudsException Failed(int status, string call, string? detail)
    {
        nint name = 0;
        nint text = 0;
        string? code = cuGetErrorName(status, &name) == 0 ? Marshal.PtrToStringUTF8(name) : null;
        string? words = cuGetErrorString(status, &text) == 0 ? Marshal.PtrToStringUTF8(text) : null;
        string found = $"{code ?? "CUDA error"} ({status}){(words is null || words == code ? "" : ": " + words)}"
            + $"{(detail is null ? "" : Environment.NewLine + new string(' ', 12) + detail)}";
        (string what, string next) = Advice(status);
        return new CloudsException(Failure.Device, what, where: call, found: found, next: next);
    }

    private static (string What, string Next) Advice(int status) => status switch
    {
        OutOfMemory => ("the GPU has no memory left", "free device memory, choose a smaller crop or batch, or run with ComputeDevice.Cpu"),
        100 => ("the NVIDIA driver finds no GPU", "run with ComputeDevice.Cpu; if there is a GPU, see nvidia-smi and the variable CUDA_VISIBLE_DEVICES"),
        222 => ("the NVIDIA driver is older than the compiler of the kernels",
            $"update the driver, set {Nvrtc.PathVariable} to a CUDA version that is not newer than the driver's, or run with ComputeDevice.Cpu"),
        803 or 804 => ("the NVIDIA driver's library does not fit its kernel module",
            "restart the machine after a driver update, or install both parts in one version; ComputeDevice.Cpu works meanwhile"),
        999 => ("the NVIDIA driver does not work", "see what nvidia-smi says; restarting the machine often helps; ComputeDevice.Cpu works meanwhile"),
        >= FirstKernelFault and <= LastKernelFault => ("a kernel failed on the GPU", "report this with the message; ComputeDevice.Cpu works meanwhile"),
        _ => ("a call of the CUDA driver failed", "run with ComputeDevice.Cpu, or see the driver's message above"),
    };

    private static CudaDriver LoadSystem()
    {
        LibrarySearch search = new("the NVIDIA driver (libcuda)");
        if (!search.TryLoad("libcuda.so.1", out nint library) && !search.TryLoad("libcuda.so", out library))
        {
            throw search.NotFound("libcuda.so.1 of driver 520 (CUDA 11.8) or newer", "install the NVIDIA driver, or run with ComputeDevice.Cpu");
        }

        LibraryIsThere = true;
        search.Locate(NativeLibrary.TryGetExport(library, "cuInit", out nint inside) ? inside : 0);
        CudaDriver driver = new(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, search);
        driver.Initialise();
        return driver;
    }
}
