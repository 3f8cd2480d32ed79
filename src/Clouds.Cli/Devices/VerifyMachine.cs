using Clouds.Cli.Settings;
using Clouds.Emulator;
using Clouds.Runtime.Compilation;
using Clouds.Verification.Golden;

namespace Clouds.Cli.Devices;

/// <summary>The device of `clouds verify`, and the GPU behind it, real or emulated. Dispose it after the run.</summary>
internal sealed class VerifyMachine : IDisposable
{
    private readonly IDisposable? _gpu;

    private VerifyMachine(VerifyDevice device, IDisposable? gpu) => (Device, _gpu) = (device, gpu);

    /// <summary>What golden cases are computed on.</summary>
    public VerifyDevice Device { get; }

    /// <summary>Opens the device.</summary>
    /// <param name="emulated">The emulated GPU, whatever the configuration says.</param>
    /// <param name="choice">Otherwise; auto is the processor.</param>
    /// <param name="emulate">Starts the emulated GPU; null: one of the default settings.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">There is no GPU or no compiler for its kernels, or one fails.</exception>
    public static VerifyMachine Open(bool emulated, DeviceChoice choice, Func<EmulatedMachine>? emulate = null)
    {
        if (emulated)
        {
            EmulatedMachine machine = emulate?.Invoke() ?? new EmulatedMachine(new EmulatorSettings());
            return Owning(machine, () => VerifyDevice.KernelsOn(machine.Gpu));
        }

        if (choice == DeviceChoice.Cuda)
        {
            Gpu gpu = Gpu.Open();
            return Owning(gpu, () => VerifyDevice.Cuda(gpu));
        }

        return new VerifyMachine(VerifyDevice.Cpu, null);
    }

    private static VerifyMachine Owning(IDisposable gpu, Func<VerifyDevice> device)
    {
        try
        {
            return new VerifyMachine(device(), gpu);
        }
        catch
        {
            gpu.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gpu?.Dispose();
}
