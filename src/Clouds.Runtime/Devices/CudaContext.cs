using System.Text;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Devices;

/// <summary>
/// A GPU's primary context, the one that ONNX Runtime's CUDA provider also works in. Dispose it after everything made from it;
/// calls may come from any thread.
/// </summary>
public sealed unsafe class CudaContext : IDisposable
{
    private const int OutOfMemory = 2;
    private readonly int _device;
    private nint _handle;
    private long _openBuffers;

    private CudaContext(CudaDriver driver, int device, nint handle) => (Driver, _device, _handle) = (driver, device, handle);

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>Name of the device.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Compute capability times ten: 80 for sm_80.</summary>
    public int Architecture => (10 * Attribute(75)) + Attribute(76);

    /// <summary>Where it sits on its host: PCI domain, bus and device.</summary>
    public string Bus => $"{Attribute(50):x4}:{Attribute(33):x2}:{Attribute(34):x2}";

    /// <summary>Streaming multiprocessors.</summary>
    public int Multiprocessors => Attribute(16);

    /// <summary>Shared bytes a block may have after opting in.</summary>
    public int MaxSharedBytes => Attribute(97);

    /// <summary>Buffers that nobody has disposed.</summary>
    public long OpenBuffers => Interlocked.Read(ref _openBuffers);

    /// <summary>Free and total device memory in bytes.</summary>
    public (long Free, long Total) Memory
    {
        get
        {
            nuint free;
            nuint total;
            MakeCurrent();
            Driver.Check(Driver.cuMemGetInfo_v2(&free, &total));
            return ((long)free, (long)total);
        }
    }

    /// <summary>Number of the driver's GPUs.</summary>
    public static int Count(CudaDriver driver)
    {
        int count;
        driver.Check(driver.cuDeviceGetCount(&count));
        return count;
    }

    /// <summary>Retains a device's primary context.</summary>
    /// <param name="driver">An initialised driver.</param>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: there is no such device, or it fails.</exception>
    public static CudaContext Open(CudaDriver driver, int ordinal = 0)
    {
        int count = Count(driver);
        if (ordinal < 0 || ordinal >= count)
        {
            throw new CloudsException(
                Failure.Device, "no such GPU", where: $"cuda:{ordinal}", found: $"{count} GPUs", next: "run with ComputeDevice.Cpu, or name one of the GPUs");
        }

        int device;
        nint handle;
        driver.Check(driver.cuDeviceGet(&device, ordinal));
        string name = DeviceName(driver, device);
        driver.Check(driver.cuDevicePrimaryCtxRetain(&handle, device));
        int status = driver.cuCtxSetCurrent(handle);
        if (status != 0)
        {
            driver.cuDevicePrimaryCtxRelease_v2(device);
            driver.Check(status, "cuCtxSetCurrent");
        }

        return new CudaContext(driver, device, handle) { Name = name };
    }

    /// <summary>Makes it the calling thread's context; every object of the context does this by itself.</summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        Driver.Check(Driver.cuCtxSetCurrent(_handle));
    }

    /// <summary>Device memory with undefined contents.</summary>
    /// <param name="length">Elements; zero is allowed and takes no memory.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: out of memory.</exception>
    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ulong address = 0;
        if (length > 0)
        {
            nuint bytes = checked((nuint)length * (nuint)sizeof(T));
            MakeCurrent();
            int status = Driver.cuMemAlloc_v2(&address, bytes);
            if (status != 0)
            {
                throw Driver.Failed(status, $"cuMemAlloc_v2({bytes} bytes)", status == OutOfMemory ? Remaining() : null);
            }

            Interlocked.Increment(ref _openBuffers);
        }

        return new DeviceBuffer<T>(this, address, length);
    }

    /// <summary>Waits for all work of the context.</summary>
    public void Synchronise()
    {
        MakeCurrent();
        Driver.Check(Driver.cuCtxSynchronize());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            MakeCurrent();
            Driver.CheckRelease(Driver.cuDevicePrimaryCtxRelease_v2(_device));
            _handle = 0;
        }
    }

    internal void Free(ulong address)
    {
        Interlocked.Decrement(ref _openBuffers);
        MakeCurrent();
        Driver.CheckRelease(Driver.cuMemFree_v2(address));
    }

    private static string DeviceName(CudaDriver driver, int device)
    {
        byte* text = stackalloc byte[128];
        driver.Check(driver.cuDeviceGetName(text, 128, device));
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    // Part of a message about another failure, so it must not fail itself.
    private string Remaining()
    {
        nuint free;
        nuint total;
        return Driver.cuMemGetInfo_v2(&free, &total) == 0 ? $"{free} of {total} bytes are free" : "how much is free the driver does not say";
    }

    private int Attribute(int attribute)
    {
        int value;
        Driver.Check(Driver.cuDeviceGetAttribute(&value, attribute, _device));
        return value;
    }
}
