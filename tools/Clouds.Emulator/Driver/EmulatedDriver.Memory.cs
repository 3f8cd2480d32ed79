using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Clouds.Emulator.Driver;

/// <summary>Memory, streams and events.</summary>
public static unsafe partial class EmulatedDriver
{
    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    private static int CuMemAlloc(ulong* address, nuint bytes) => Call("cuMemAlloc_v2", driver =>
    {
        ulong result = bytes == 0 ? 0 : driver.Device.Allocate((long)bytes);
        return bytes == 0 ? InvalidValue : result == 0 ? OutOfMemory : Set(address, result);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    private static int CuMemFree(ulong address) => Call("cuMemFree_v2", driver => address == 0 || driver.Device.Free(address) ? Success : InvalidValue);

    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    private static int CuMemGetInfo(nuint* free, nuint* total) => Call("cuMemGetInfo_v2", driver =>
    {
        Set(free, (nuint)(driver.Device.MemoryBytes - driver.Device.MemoryUsed));
        return Set(total, (nuint)driver.Device.MemoryBytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostAlloc")]
    private static int CuMemHostAlloc(nint* pointer, nuint bytes, uint flags) =>
        Call("cuMemHostAlloc", _ => Set(pointer, (nint)NativeMemory.AlignedAlloc(bytes, 4096)));

    [UnmanagedCallersOnly(EntryPoint = "cuMemFreeHost")]
    private static int CuMemFreeHost(nint pointer) => Call("cuMemFreeHost", _ =>
    {
        NativeMemory.AlignedFree((void*)pointer);
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyHtoDAsync_v2")]
    private static int CuMemcpyHtoD(ulong target, void* source, nuint bytes, nint stream) => Call("cuMemcpyHtoDAsync_v2", driver =>
    {
        Buffer.MemoryCopy(source, driver.Device.Writable(target, (long)bytes), bytes, bytes);
        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoHAsync_v2")]
    private static int CuMemcpyDtoH(void* target, ulong source, nuint bytes, nint stream) => Call("cuMemcpyDtoHAsync_v2", driver =>
    {
        Buffer.MemoryCopy(driver.Device.Readable(source, (long)bytes), target, bytes, bytes);
        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoDAsync_v2")]
    private static int CuMemcpyDtoD(ulong target, ulong source, nuint bytes, nint stream) => Call("cuMemcpyDtoDAsync_v2", driver =>
    {
        driver.Device.Copy(source, target, (long)bytes);
        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    private static int CuMemsetD8(ulong address, byte value, nuint count, nint stream) => Call("cuMemsetD8Async", driver =>
    {
        NativeMemory.Fill(driver.Device.Writable(address, (long)count), count, value);
        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32Async")]
    private static int CuMemsetD32(ulong address, uint value, nuint count, nint stream) => Call("cuMemsetD32Async", driver =>
    {
        uint* target = (uint*)driver.Device.Writable(address, 4 * (long)count);
        for (nuint i = 0; i < count; i++)
        {
            target[i] = value;
        }

        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    private static int CuStreamCreate(nint* stream, uint flags) => Call("cuStreamCreate", driver => Set(stream, driver.Add(new DriverStream())));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    private static int CuStreamDestroy(nint stream) => Call("cuStreamDestroy_v2", driver => driver.Remove(stream) ? Success : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    private static int CuStreamSynchronize(nint stream) => Call("cuStreamSynchronize", driver => Stream(driver, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamWaitEvent")]
    private static int CuStreamWaitEvent(nint stream, nint point, uint flags)
        => Call("cuStreamWaitEvent", driver => driver.Get<DriverEvent>(point) is null ? InvalidHandle : Stream(driver, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    private static int CuEventCreate(nint* point, uint flags) => Call("cuEventCreate", driver => Set(point, driver.Add(new DriverEvent())));

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    private static int CuEventDestroy(nint point) => Call("cuEventDestroy_v2", driver => driver.Remove(point) ? Success : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    private static int CuEventRecord(nint point, nint stream) => Call("cuEventRecord", driver =>
    {
        DriverEvent? target = driver.Get<DriverEvent>(point);
        if (target is null)
        {
            return InvalidHandle;
        }

        target.Ticks = Stopwatch.GetTimestamp();
        return Stream(driver, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    private static int CuEventSynchronize(nint point) => Call("cuEventSynchronize", driver => driver.Get<DriverEvent>(point) is null ? InvalidHandle : Success);

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    private static int CuEventElapsedTime(float* milliseconds, nint start, nint end) => Call("cuEventElapsedTime", driver =>
        driver.Get<DriverEvent>(start) is { } from && driver.Get<DriverEvent>(end) is { } to
            ? Set(milliseconds, (float)((to.Ticks - from.Ticks) * 1000.0 / Stopwatch.Frequency))
            : InvalidHandle);

    private static int Stream(DriverState driver, nint stream) =>
        stream is 0 or 1 or 2 || driver.Get<DriverStream>(stream) is not null ? Success : InvalidHandle;
}
