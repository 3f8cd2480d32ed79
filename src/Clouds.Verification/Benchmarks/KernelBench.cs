using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>One kernel's figures.</summary>
/// <param name="Kernel">Name of the kernel.</param>
/// <param name="Problem">Sizes.</param>
/// <param name="Threads">Threads.</param>
/// <param name="MsMedian">Milliseconds a call, median.</param>
/// <param name="MsMin">Milliseconds a call, best sample.</param>
/// <param name="Runs">Samples.</param>
/// <param name="Quiet">Samples that never waited for a processor.</param>
/// <param name="Bytes">Bytes that have to move at least.</param>
/// <param name="Operations">Arithmetic operations.</param>
/// <param name="GigabytesPerSecond">Bytes over the median.</param>
/// <param name="GigaOperationsPerSecond">Operations over the median.</param>
/// <param name="RoofShare">Share of what the roofline allows: the smaller of the memory roof times operations a byte, and the arithmetic roof.</param>
public sealed record KernelRow(
    string Kernel, string Problem, int Threads, double MsMedian, double MsMin, int Runs, int Quiet, double Bytes,
    double Operations, double GigabytesPerSecond, double GigaOperationsPerSecond, double RoofShare);

/// <summary>A whole run. Processor and GPU are never timed in one.</summary>
/// <param name="Processors">Processors that this process may use.</param>
/// <param name="Simd">Widest vectors in use.</param>
/// <param name="System">Operating system and runtime.</param>
/// <param name="Roofs">One for each number of threads.</param>
/// <param name="Kernels">Figures of the processor; empty where a GPU was timed.</param>
/// <param name="Gpu">Figures of a GPU; null where the processor was timed.</param>
/// <param name="Counted">Bytes that an emulated GPU counted; null where nobody did.</param>
public sealed record KernelReport(
    int Processors, string Simd, string System, IReadOnlyList<MachineRoof> Roofs,
    IReadOnlyList<KernelRow> Kernels, GpuReport? Gpu = null, IReadOnlyList<CountedBytes>? Counted = null)
{
    /// <summary>A run that has timed nothing yet.</summary>
    public static KernelReport Empty { get; } = new(
        Environment.ProcessorCount, Clouds.Runtime.Kernels.SimdLevels.Best.ToString(),
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}", [], []);
}

/// <summary>Times the kernels and the machine's roofs in one run.</summary>
public static class KernelBench
{
    /// <summary>Runs everything.</summary>
    /// <param name="threads">Thread counts, each timed by itself.</param>
    /// <param name="runs">Samples of each.</param>
    /// <param name="quick">Small problems.</param>
    /// <param name="progress">Told after each kernel; may be null.</param>
    /// <param name="cancellation">Asked between samples.</param>
    public static KernelReport Run(IReadOnlyList<int> threads, int runs, bool quick, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        List<MachineRoof> roofs = [.. threads.Select(count => MachineRoof.Measure(count, runs, cancellation))];
        IReadOnlyList<(string Family, Func<KernelCase> Make)> cases = KernelCases.All(quick);
        List<KernelRow> rows = [];
        for (int i = 0; i < cases.Count; i++)
        {
            using KernelCase kernel = cases[i].Make();
            rows.AddRange(roofs.Select(roof => Time(kernel, roof, runs, cancellation)));
            progress?.Report(new ProgressReport("bench", i + 1, cases.Count));
        }

        return KernelReport.Empty with { Roofs = roofs, Kernels = rows };
    }

    private static KernelRow Time(KernelCase kernel, MachineRoof roof, int runs, CancellationToken cancellation)
    {
        BenchTime time = BenchClock.Measure(() => kernel.Run(roof.Threads), runs, cancellation);
        double operations = kernel.Operations / time.Median / 1e9;
        double allowed = Math.Min(roof.Gigaflops, roof.Gigabytes * kernel.Operations / kernel.Bytes);
        return new KernelRow(
            kernel.Kernel, kernel.Problem, roof.Threads, 1e3 * time.Median, 1e3 * time.Least, time.Runs, time.Quiet,
            kernel.Bytes, kernel.Operations, kernel.Bytes / time.Median / 1e9, operations, operations / allowed);
    }
}
