using Clouds.Diagnostics;
using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>Counts what every kernel asks of memory on an emulated GPU.</summary>
public static class ByteCounting
{
    // Code for later architectures differs little, and the counts not at all.
    private const int Architecture = 80;

    /// <summary>Counts all kernels.</summary>
    /// <param name="toolchain">Compiler.</param>
    /// <param name="start">Starts an emulator.</param>
    /// <param name="progress">Told after each kernel; may be null.</param>
    /// <param name="cancellation">Asked between kernels.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: there is no compiler.</exception>
    public static IReadOnlyList<CountedBytes> Run(
        KernelToolchain toolchain, Func<EmulationSettings, IEmulatedDriver> start, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        toolchain.RequireCompiler();
        using KernelMachine machine = KernelMachine.Over(start(new EmulationSettings(Architecture)), toolchain);
        List<CountedBytes> rows = [];
        foreach (KernelFamily family in KernelFamilies.All)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Add(CountedBytes.Of(machine, family));
            progress?.Report(new ProgressReport("count bytes", rows.Count, KernelFamilies.All.Count));
        }

        return rows;
    }
}
