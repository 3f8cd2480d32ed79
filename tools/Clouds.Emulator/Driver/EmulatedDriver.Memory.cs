using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Clouds.Emulator.Driver;

/// <summary>Memory, streams and events.</summary>
public static unsafe partial class EmulatedDriver
{
    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    private static int CuMemAlloc(ulong* address, nuint bytes) => Call("cuMemAlloc_v2", gpu =>
    {
        ulong result = bytes == 0 ? 0 : gpu.Device.Allocate((long)bytes);
        gpu.Driver.Trace($"allocation of {bytes} bytes{(result == 0 ? ", refused" : "")}");
        return bytes == 0 ? InvalidValue : result == 0 ? OutOfMemory : Set(address, result);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    private static int CuMemFree(ulong address) => Call("cuMemFree_v2", gpu => address == 0 || gpu.Device.Free(address) ? Success : InvalidValue);

    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    private static int CuMemGetInfo(nuint* free, nuint* total) => Call("cuMemGetInfo_v2", gpu =>
    {
        Set(free, (nuint)(gpu.Device.MemoryBytes - gpu.Device.MemoryUsed));
        return Set(total, (nuint)gpu.Device.MemoryBytes);
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
    private static int CuMemcpyHtoD(ulong target, void* source, nuint bytes, nint stream) => Call("cuMemcpyHtoDAsync_v2", gpu =>
    {
        Buffer.MemoryCopy(source, gpu.Device.Writable(target, (long)bytes), bytes, bytes);
        return Copied(gpu, stream, CopyDirection.Up, bytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoHAsync_v2")]
    private static int CuMemcpyDtoH(void* target, ulong source, nuint bytes, nint stream) => Call("cuMemcpyDtoHAsync_v2", gpu =>
    {
        Buffer.MemoryCopy(gpu.Device.Readable(source, (long)bytes), target, bytes, bytes);
        return Copied(gpu, stream, CopyDirection.Down, bytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoDAsync_v2")]
    private static int CuMemcpyDtoD(ulong target, ulong source, nuint bytes, nint stream) => Call("cuMemcpyDtoDAsync_v2", gpu =>
    {
        gpu.Device.Copy(source, target, (long)bytes);
        return Copied(gpu, stream, CopyDirection.Inside, bytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    private static int CuMemsetD8(ulong address, byte value, nuint count, nint stream) => Call("cuMemsetD8Async", gpu =>
    {
        gpu.Device.Fill(address, value, (long)count);
        return Stream(gpu, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32Async")]
    private static int CuMemsetD32(ulong address, uint value, nuint count, nint stream) => Call("cuMemsetD32Async", gpu =>
    {
        gpu.Device.Fill(address, value, (long)count);
        return Stream(gpu, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    private static int CuStreamCreate(nint* stream, uint flags) => Call("cuStreamCreate", gpu => Set(stream, gpu.Add(new DriverStream())));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    private static int CuStreamDestroy(nint stream) => Call("cuStreamDestroy_v2", gpu => gpu.Remove(stream) ? Success : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    private static int CuStreamSynchronize(nint stream) => Call("cuStreamSynchronize", gpu => Stream(gpu, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamWaitEvent")]
    private static int CuStreamWaitEvent(nint stream, nint point, uint flags)
        => Call("cuStreamWaitEvent", gpu => gpu.Get<DriverEvent>(point) is null ? InvalidHandle : Stream(gpu, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    private static int CuEventCreate(nint* point, uint flags) => Call("cuEventCreate", gpu => Set(point, gpu.Add(new DriverEvent())));

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    private static int CuEventDestroy(nint point) => Call("cuEventDestroy_v2", gpu => gpu.Remove(point) ? Success : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    private static int CuEventRecord(nint point, nint stream) => Call("cuEventRecord", gpu =>
    {
        DriverEvent? target = gpu.Get<DriverEvent>(point);
        if (target is null)
        {
            return InvalidHandle;
        }

        target.Ticks = Stopwatch.GetTimestamp();
        return Stream(gpu, stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    private static int CuEventSynchronize(nint point) => Call("cuEventSynchronize", gpu => gpu.Get<DriverEvent>(point) is null ? InvalidHandle : Success);

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    private static int CuEventElapsedTime(float* milliseconds, nint start, nint end) => Call("cuEventElapsedTime", gpu =>
        gpu.Get<DriverEvent>(start) is { } from && gpu.Get<DriverEvent>(end) is { } to
            ? Set(milliseconds, (float)((to.Ticks - from.Ticks) * 1000.0 / Stopwatch.Frequency))
            : InvalidHandle);

    private static int Copied(DriverGpu gpu, nint stream, CopyDirection direction, nuint bytes)
    {
        gpu.Driver.CountCopy(direction, (long)bytes);
        return Stream(gpu, stream);
    }

    private static int Stream(DriverGpu gpu, nint stream) =>
        stream is 0 or 1 or 2 || gpu.Get<DriverStream>(stream) is not null ? Success : InvalidHandle;
}
