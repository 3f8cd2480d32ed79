namespace Clouds.Runtime.Native;

/// <summary>The driver's entry points, under its own names and with its own signatures.</summary>
public sealed unsafe partial class CudaDriver
{
    internal readonly delegate* unmanaged<uint, int> cuInit;
    internal readonly delegate* unmanaged<int*, int> cuDriverGetVersion;
    internal readonly delegate* unmanaged<int*, int> cuDeviceGetCount;
    internal readonly delegate* unmanaged<int*, int, int> cuDeviceGet;
    internal readonly delegate* unmanaged<byte*, int, int, int> cuDeviceGetName;
    internal readonly delegate* unmanaged<int*, int, int, int> cuDeviceGetAttribute;
    internal readonly delegate* unmanaged<nuint*, int, int> cuDeviceTotalMem_v2;
    internal readonly delegate* unmanaged<nint*, int, int> cuDevicePrimaryCtxRetain;
    internal readonly delegate* unmanaged<int, int> cuDevicePrimaryCtxRelease_v2;
    internal readonly delegate* unmanaged<nint, int> cuCtxSetCurrent;
    internal readonly delegate* unmanaged<nint*, int> cuCtxGetCurrent;
    internal readonly delegate* unmanaged<int> cuCtxSynchronize;
    internal readonly delegate* unmanaged<nint*, byte*, uint, int*, nint*, int> cuModuleLoadDataEx;
    internal readonly delegate* unmanaged<nint, int> cuModuleUnload;
    internal readonly delegate* unmanaged<nint*, nint, byte*, int> cuModuleGetFunction;
    internal readonly delegate* unmanaged<ulong*, nuint*, nint, byte*, int> cuModuleGetGlobal_v2;
    internal readonly delegate* unmanaged<int*, int, nint, int> cuFuncGetAttribute;
    internal readonly delegate* unmanaged<nint, int, int, int> cuFuncSetAttribute;
    internal readonly delegate* unmanaged<int*, nint, int, nuint, int> cuOccupancyMaxActiveBlocksPerMultiprocessor;
    internal readonly delegate* unmanaged<ulong*, nuint, int> cuMemAlloc_v2;
    internal readonly delegate* unmanaged<ulong, int> cuMemFree_v2;
    internal readonly delegate* unmanaged<nuint*, nuint*, int> cuMemGetInfo_v2;
    internal readonly delegate* unmanaged<nint*, nuint, uint, int> cuMemHostAlloc;
    internal readonly delegate* unmanaged<nint, int> cuMemFreeHost;
    internal readonly delegate* unmanaged<ulong, void*, nuint, nint, int> cuMemcpyHtoDAsync_v2;
    internal readonly delegate* unmanaged<void*, ulong, nuint, nint, int> cuMemcpyDtoHAsync_v2;
    internal readonly delegate* unmanaged<ulong, ulong, nuint, nint, int> cuMemcpyDtoDAsync_v2;
    internal readonly delegate* unmanaged<ulong, byte, nuint, nint, int> cuMemsetD8Async;
    internal readonly delegate* unmanaged<ulong, uint, nuint, nint, int> cuMemsetD32Async;
    internal readonly delegate* unmanaged<nint*, uint, int> cuStreamCreate;
    internal readonly delegate* unmanaged<nint, int> cuStreamDestroy_v2;
    internal readonly delegate* unmanaged<nint, int> cuStreamSynchronize;
    internal readonly delegate* unmanaged<nint, nint, uint, int> cuStreamWaitEvent;
    internal readonly delegate* unmanaged<nint*, uint, int> cuEventCreate;
    internal readonly delegate* unmanaged<nint, nint, int> cuEventRecord;
    internal readonly delegate* unmanaged<float*, nint, nint, int> cuEventElapsedTime;
    internal readonly delegate* unmanaged<nint, int> cuEventSynchronize;
    internal readonly delegate* unmanaged<nint, int> cuEventDestroy_v2;
    internal readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, nint*, nint*, int> cuLaunchKernel;
    internal readonly delegate* unmanaged<int, nint*, int> cuGetErrorName;
    internal readonly delegate* unmanaged<int, nint*, int> cuGetErrorString;

    /// <summary>Fills the table.</summary>
    /// <param name="find">Address of an entry point by name, 0 = none.</param>
    /// <param name="search">How the library was found; its trace goes into messages.</param>
    public CudaDriver(Func<string, nint> find, LibrarySearch search)
    {
        Search = search;
        cuInit = (delegate* unmanaged<uint, int>)search.Entry(find, "cuInit");
        cuDriverGetVersion = (delegate* unmanaged<int*, int>)search.Entry(find, "cuDriverGetVersion");
        cuDeviceGetCount = (delegate* unmanaged<int*, int>)search.Entry(find, "cuDeviceGetCount");
        cuDeviceGet = (delegate* unmanaged<int*, int, int>)search.Entry(find, "cuDeviceGet");
        cuDeviceGetName = (delegate* unmanaged<byte*, int, int, int>)search.Entry(find, "cuDeviceGetName");
        cuDeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)search.Entry(find, "cuDeviceGetAttribute");
        cuDeviceTotalMem_v2 = (delegate* unmanaged<nuint*, int, int>)search.Entry(find, "cuDeviceTotalMem_v2");
        cuDevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)search.Entry(find, "cuDevicePrimaryCtxRetain");
        cuDevicePrimaryCtxRelease_v2 = (delegate* unmanaged<int, int>)search.Entry(find, "cuDevicePrimaryCtxRelease_v2");
        cuCtxSetCurrent = (delegate* unmanaged<nint, int>)search.Entry(find, "cuCtxSetCurrent");
        cuCtxGetCurrent = (delegate* unmanaged<nint*, int>)search.Entry(find, "cuCtxGetCurrent");
        cuCtxSynchronize = (delegate* unmanaged<int>)search.Entry(find, "cuCtxSynchronize");
        cuModuleLoadDataEx = (delegate* unmanaged<nint*, byte*, uint, int*, nint*, int>)search.Entry(find, "cuModuleLoadDataEx");
        cuModuleUnload = (delegate* unmanaged<nint, int>)search.Entry(find, "cuModuleUnload");
        cuModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)search.Entry(find, "cuModuleGetFunction");
        cuModuleGetGlobal_v2 = (delegate* unmanaged<ulong*, nuint*, nint, byte*, int>)search.Entry(find, "cuModuleGetGlobal_v2");
        cuFuncGetAttribute = (delegate* unmanaged<int*, int, nint, int>)search.Entry(find, "cuFuncGetAttribute");
        cuFuncSetAttribute = (delegate* unmanaged<nint, int, int, int>)search.Entry(find, "cuFuncSetAttribute");
        cuOccupancyMaxActiveBlocksPerMultiprocessor =
            (delegate* unmanaged<int*, nint, int, nuint, int>)search.Entry(find, "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        cuMemAlloc_v2 = (delegate* unmanaged<ulong*, nuint, int>)search.Entry(find, "cuMemAlloc_v2");
        cuMemFree_v2 = (delegate* unmanaged<ulong, int>)search.Entry(find, "cuMemFree_v2");
        cuMemGetInfo_v2 = (delegate* unmanaged<nuint*, nuint*, int>)search.Entry(find, "cuMemGetInfo_v2");
        cuMemHostAlloc = (delegate* unmanaged<nint*, nuint, uint, int>)search.Entry(find, "cuMemHostAlloc");
        cuMemFreeHost = (delegate* unmanaged<nint, int>)search.Entry(find, "cuMemFreeHost");
        cuMemcpyHtoDAsync_v2 = (delegate* unmanaged<ulong, void*, nuint, nint, int>)search.Entry(find, "cuMemcpyHtoDAsync_v2");
        cuMemcpyDtoHAsync_v2 = (delegate* unmanaged<void*, ulong, nuint, nint, int>)search.Entry(find, "cuMemcpyDtoHAsync_v2");
        cuMemcpyDtoDAsync_v2 = (delegate* unmanaged<ulong, ulong, nuint, nint, int>)search.Entry(find, "cuMemcpyDtoDAsync_v2");
        cuMemsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, int>)search.Entry(find, "cuMemsetD8Async");
        cuMemsetD32Async = (delegate* unmanaged<ulong, uint, nuint, nint, int>)search.Entry(find, "cuMemsetD32Async");
        cuStreamCreate = (delegate* unmanaged<nint*, uint, int>)search.Entry(find, "cuStreamCreate");
        cuStreamDestroy_v2 = (delegate* unmanaged<nint, int>)search.Entry(find, "cuStreamDestroy_v2");
        cuStreamSynchronize = (delegate* unmanaged<nint, int>)search.Entry(find, "cuStreamSynchronize");
        cuStreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)search.Entry(find, "cuStreamWaitEvent");
        cuEventCreate = (delegate* unmanaged<nint*, uint, int>)search.Entry(find, "cuEventCreate");
        cuEventRecord = (delegate* unmanaged<nint, nint, int>)search.Entry(find, "cuEventRecord");
        cuEventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)search.Entry(find, "cuEventElapsedTime");
        cuEventSynchronize = (delegate* unmanaged<nint, int>)search.Entry(find, "cuEventSynchronize");
        cuEventDestroy_v2 = (delegate* unmanaged<nint, int>)search.Entry(find, "cuEventDestroy_v2");
        cuLaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, nint*, nint*, int>)search.Entry(find, "cuLaunchKernel");
        cuGetErrorName = (delegate* unmanaged<int, nint*, int>)search.Entry(find, "cuGetErrorName");
        cuGetErrorString = (delegate* unmanaged<int, nint*, int>)search.Entry(find, "cuGetErrorString");
    }

    /// <summary>How the library was found.</summary>
    public LibrarySearch Search { get; }
}
