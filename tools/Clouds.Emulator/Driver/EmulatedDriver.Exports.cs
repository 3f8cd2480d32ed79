namespace Clouds.Emulator.Driver;

/// <summary>Addresses of the entry points by name.</summary>
public static unsafe partial class EmulatedDriver
{
    private static readonly Dictionary<string, nint> Exports = new()
    {
        ["cuInit"] = (nint)(delegate* unmanaged<uint, int>)&CuInit,
        ["cuDriverGetVersion"] = (nint)(delegate* unmanaged<int*, int>)&CuDriverGetVersion,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged<int*, int>)&CuDeviceGetCount,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged<int*, int, int>)&CuDeviceGet,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged<byte*, int, int, int>)&CuDeviceGetName,
        ["cuDeviceGetAttribute"] = (nint)(delegate* unmanaged<int*, int, int, int>)&CuDeviceGetAttribute,
        ["cuDeviceTotalMem_v2"] = (nint)(delegate* unmanaged<nuint*, int, int>)&CuDeviceTotalMem,
        ["cuDevicePrimaryCtxRetain"] = (nint)(delegate* unmanaged<nint*, int, int>)&CuDevicePrimaryCtxRetain,
        ["cuDevicePrimaryCtxRelease_v2"] = (nint)(delegate* unmanaged<int, int>)&CuDevicePrimaryCtxRelease,
        ["cuCtxSetCurrent"] = (nint)(delegate* unmanaged<nint, int>)&CuCtxSetCurrent,
        ["cuCtxGetCurrent"] = (nint)(delegate* unmanaged<nint*, int>)&CuCtxGetCurrent,
        ["cuCtxSynchronize"] = (nint)(delegate* unmanaged<int>)&CuCtxSynchronize,
        ["cuTensorMapEncodeTiled"] = (nint)(delegate* unmanaged<int>)&CuTensorMapEncodeTiled,
        ["cuGetErrorName"] = (nint)(delegate* unmanaged<int, nint*, int>)&CuGetErrorName,
        ["cuGetErrorString"] = (nint)(delegate* unmanaged<int, nint*, int>)&CuGetErrorString,
        ["cuMemAlloc_v2"] = (nint)(delegate* unmanaged<ulong*, nuint, int>)&CuMemAlloc,
        ["cuMemFree_v2"] = (nint)(delegate* unmanaged<ulong, int>)&CuMemFree,
        ["cuMemGetInfo_v2"] = (nint)(delegate* unmanaged<nuint*, nuint*, int>)&CuMemGetInfo,
        ["cuMemHostAlloc"] = (nint)(delegate* unmanaged<nint*, nuint, uint, int>)&CuMemHostAlloc,
        ["cuMemFreeHost"] = (nint)(delegate* unmanaged<nint, int>)&CuMemFreeHost,
        ["cuMemcpyHtoDAsync_v2"] = (nint)(delegate* unmanaged<ulong, void*, nuint, nint, int>)&CuMemcpyHtoD,
        ["cuMemcpyDtoHAsync_v2"] = (nint)(delegate* unmanaged<void*, ulong, nuint, nint, int>)&CuMemcpyDtoH,
        ["cuMemcpyDtoDAsync_v2"] = (nint)(delegate* unmanaged<ulong, ulong, nuint, nint, int>)&CuMemcpyDtoD,
        ["cuMemsetD8Async"] = (nint)(delegate* unmanaged<ulong, byte, nuint, nint, int>)&CuMemsetD8,
        ["cuMemsetD32Async"] = (nint)(delegate* unmanaged<ulong, uint, nuint, nint, int>)&CuMemsetD32,
        ["cuStreamCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&CuStreamCreate,
        ["cuStreamDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&CuStreamDestroy,
        ["cuStreamSynchronize"] = (nint)(delegate* unmanaged<nint, int>)&CuStreamSynchronize,
        ["cuStreamWaitEvent"] = (nint)(delegate* unmanaged<nint, nint, uint, int>)&CuStreamWaitEvent,
        ["cuEventCreate"] = (nint)(delegate* unmanaged<nint*, uint, int>)&CuEventCreate,
        ["cuEventDestroy_v2"] = (nint)(delegate* unmanaged<nint, int>)&CuEventDestroy,
        ["cuEventRecord"] = (nint)(delegate* unmanaged<nint, nint, int>)&CuEventRecord,
        ["cuEventSynchronize"] = (nint)(delegate* unmanaged<nint, int>)&CuEventSynchronize,
        ["cuEventElapsedTime"] = (nint)(delegate* unmanaged<float*, nint, nint, int>)&CuEventElapsedTime,
        ["cuModuleLoadDataEx"] = (nint)(delegate* unmanaged<nint*, byte*, uint, int*, nint*, int>)&CuModuleLoadDataEx,
        ["cuModuleUnload"] = (nint)(delegate* unmanaged<nint, int>)&CuModuleUnload,
        ["cuModuleGetFunction"] = (nint)(delegate* unmanaged<nint*, nint, byte*, int>)&CuModuleGetFunction,
        ["cuModuleGetGlobal_v2"] = (nint)(delegate* unmanaged<ulong*, nuint*, nint, byte*, int>)&CuModuleGetGlobal,
        ["cuFuncGetAttribute"] = (nint)(delegate* unmanaged<int*, int, nint, int>)&CuFuncGetAttribute,
        ["cuFuncSetAttribute"] = (nint)(delegate* unmanaged<nint, int, int, int>)&CuFuncSetAttribute,
        ["cuOccupancyMaxActiveBlocksPerMultiprocessor"] = (nint)(delegate* unmanaged<int*, nint, int, nuint, int>)&CuOccupancy,
        ["cuLaunchKernel"] = (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, nint*, nint*, int>)&CuLaunchKernel,
    };

    /// <summary>Names of the entry points.</summary>
    public static IReadOnlyCollection<string> EntryPoints => Exports.Keys;

    /// <summary>The address of an entry point, or 0; what a library's symbol table gives.</summary>
    internal static nint Find(string name) => Exports.GetValueOrDefault(name);
}
