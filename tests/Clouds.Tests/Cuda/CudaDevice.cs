using Clouds.Runtime.Devices;
using Clouds.Tests.Runtime;

namespace Clouds.Tests.Cuda;

/// <summary>The machine's first GPU for tests, real or stood in for, as the product opens it.</summary>
internal static class CudaDevice
{
    /// <summary>Opens it with our kernels, compiled into the tests' cache; dispose it.</summary>
    public static Device Open(CudaSettings? settings = null) => Device.Open(DeviceName.Cuda(), new DeviceSettings
    {
        Use = DeviceUse.NetworksOnKernels,
        Compiler = EmulatedGpu.Compiler,
        Cuda = settings ?? new CudaSettings(),
    });
}
