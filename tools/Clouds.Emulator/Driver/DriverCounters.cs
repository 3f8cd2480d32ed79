using System.Runtime.InteropServices;

namespace Clouds.Emulator.Driver;

/// <summary>
/// What went through a driver since its counters were reset, of all its GPUs together. The layout is part of the stand-in library's interface:
/// numbers of 64 bits in this order.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct DriverCounters
{
    /// <summary>Copies from the host to a device.</summary>
    public long Uploads;

    /// <summary>Their bytes.</summary>
    public long UploadedBytes;

    /// <summary>Copies from a device to the host.</summary>
    public long Downloads;

    /// <summary>Their bytes.</summary>
    public long DownloadedBytes;

    /// <summary>Copies inside a device.</summary>
    public long InnerCopies;

    /// <summary>Their bytes.</summary>
    public long InnerBytes;

    /// <summary>Launches through the driver: our kernels.</summary>
    public long Launches;

    /// <summary>Launches through the CUDA runtime: kernels of ONNX Runtime.</summary>
    public long RuntimeLaunches;

    /// <summary>Computing calls of cuBLAS and cuDNN.</summary>
    public long LibraryCalls;

    /// <summary>Times that products in TF32 were asked for.</summary>
    public long TensorFloat;

    /// <summary>Allocations that are live now.</summary>
    public long OpenAllocations;

    /// <summary>Bytes in them.</summary>
    public long OpenBytes;

    /// <summary>Most bytes in live allocations since the reset.</summary>
    public long PeakBytes;
}
