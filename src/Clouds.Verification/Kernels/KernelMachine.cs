using Clouds.Runtime.Compilation;
using Clouds.Runtime.Native;

namespace Clouds.Verification.Kernels;

/// <summary>A GPU for verification, real or emulated, with kernels from a toolchain. Dispose it.</summary>
public sealed class KernelMachine : IDisposable
{
    private KernelMachine(Gpu gpu, IEmulatedDriver? emulator) => (Gpu, Emulator) = (gpu, emulator);

    /// <summary>The GPU.</summary>
    public Gpu Gpu { get; }

    /// <summary>What stands behind it; null = a real driver.</summary>
    public IEmulatedDriver? Emulator { get; }

    /// <summary>Opens the first GPU of this machine.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException"><see cref="Clouds.Diagnostics.Failure.Device"/>: no driver or no GPU; the message says
    /// what to do.</exception>
    public static KernelMachine Open(KernelToolchain toolchain) => new(Gpu.Open(CudaDriver.Default, 0, toolchain.Compiler, toolchain.Rewrite), null);

    /// <summary>Opens a GPU over an emulated driver, which it owns from here on.</summary>
    public static KernelMachine Over(IEmulatedDriver emulator, KernelToolchain toolchain)
    {
        CudaDriver driver = new(emulator.EntryPoint, new LibrarySearch("the emulated driver"));
        driver.Initialise();
        return new KernelMachine(Gpu.Open(driver, 0, toolchain.Compiler, toolchain.Rewrite), emulator);
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
        Gpu.Dispose();
        return open > 0 ? $"{open} buffers of device memory are still taken" : Emulator?.Leak;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gpu.Dispose();
        Emulator?.Dispose();
    }
}
