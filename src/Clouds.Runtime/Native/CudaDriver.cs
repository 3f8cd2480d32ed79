using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Graph.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// NVIDIA's driver API, loaded at run time: a table of function pointers, filled from libcuda.so.1 or, in tests, from an emulator.
/// Every call's status goes through <see cref="Check"/>.
/// </summary>
internal sealed unsafe partial class CudaDriver
{
    /// <summary>Status of a module image that is no code for this device.</summary>
    public const int NoBinaryForGpu = 209;

    private const int OutOfMemory = 2;
    private const int FirstKernelFault = 700;
    private const int LastKernelFault = 720;
    private static readonly Lazy<CudaDriver> System = new(LoadSystem);

    /// <summary>The machine's driver, loaded and initialised once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: no driver, or it does not start.</exception>
    public static CudaDriver Default => System.Value;

    /// <summary>Initialises the driver API; must be called before any other entry point.</summary>
    public void Initialise() => Check(cuInit(0));

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
        string found = $"{code ?? "CUDA error"} ({status}){(words is null || words == code ? "" : ": " + words)}{(detail is null ? "" : Environment.NewLine + detail)}";
        string next = status == OutOfMemory
            ? "free device memory, choose a smaller crop or batch, or run with --device cpu"
            : "run with --device cpu, or see the driver's message above";
        return new CloudsException(Failure.Device, status == OutOfMemory ? "the GPU has no memory left" : "a call of the CUDA driver failed", where: call, found: found, next: next);
    }

    private static CudaDriver LoadSystem()
    {
        LibrarySearch search = new("the NVIDIA driver (libcuda)");
        if (!search.TryLoad("libcuda.so.1", out nint library) && !search.TryLoad("libcuda.so", out library))
        {
            throw search.NotFound("libcuda.so.1 of driver 520 (CUDA 11.8) or newer", "install the NVIDIA driver, or run with --device cpu");
        }

        CudaDriver driver = new(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, search);
        driver.Initialise();
        return driver;
    }
}
