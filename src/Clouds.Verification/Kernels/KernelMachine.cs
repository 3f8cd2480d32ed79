using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Kernels;

/// <summary>A GPU for verification, real or emulated, with kernels from a toolchain. Dispose it.</summary>
public sealed class KernelMachine : IDisposable
{
    private readonly Device _device;

    private KernelMachine(Device device, Gpu gpu, IEmulatedDriver? emulator) => (_device, Gpu, Emulator) = (device, gpu, emulator);

    /// <summary>The GPU.</summary>
    public Gpu Gpu { get; }

    /// <summary>What stands behind it; null = a real driver.</summary>
    public IEmulatedDriver? Emulator { get; }

    /// <summary>Opens a GPU of this machine, for this machine alone.</summary>
    /// <param name="name">"cuda:N", or "auto".</param>
    /// <param name="toolchain">Where compiled kernels come from.</param>
    /// <param name="warn">Told why "auto" found no GPU; null: nobody.</param>
    /// <returns>Null where the device is the processor.</returns>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// <see cref="Clouds.Diagnostics.Failure.Device"/>: no driver or no such GPU; the message says what to do.
    /// </exception>
    public static KernelMachine? Open(DeviceName name, KernelToolchain toolchain, Action<string>? warn = null)
    {
        Device device = Device.Open(name, toolchain.Settings with { Warn = warn });
        return device.Gpu is Gpu gpu ? new KernelMachine(device, gpu, null) : null;
    }

    /// <summary>Opens a GPU over an emulated driver, which it owns from here on.</summary>
    public static KernelMachine Over(IEmulatedDriver emulator, KernelToolchain toolchain)
    {
        Device device = Device.Open(DeviceName.Emulated, toolchain.Settings with { Emulator = () => emulator });
        return new KernelMachine(device, device.Gpu!, emulator);
    }

    /// <summary>Solves a problem once.</summary>
    public IReadOnlyList<KernelOutput> Solve(KernelProblem problem)
    {
        using KernelRun run = problem.OnGpu(Gpu);
        run.Launch();
        return run.Read();
    }

    /// <summary>Gives the GPU back and says what did not come back; null = everything did.</summary>
    public string? Close()
    {
        long open = Gpu.Context.OpenBuffers;
        _device.Dispose();
        return open > 0 ? $"{open} buffers of device memory are still taken" : Emulator?.Leak;
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();
}
