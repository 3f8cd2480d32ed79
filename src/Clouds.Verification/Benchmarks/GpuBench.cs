using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>One kernel's figures on a GPU; counted bytes are those that have to move at least, 10^9 a second.</summary>
/// <param name="Kernel">Kernel family.</param>
/// <param name="Problem">Sizes.</param>
/// <param name="MsMedian">Milliseconds from the first launch's start to the last one's end, median.</param>
/// <param name="MsMin">The same, best run.</param>
/// <param name="Runs">Runs, each with a second-level cache full of other data.</param>
/// <param name="Bytes">Bytes that have to move at least.</param>
/// <param name="Operations">Arithmetic operations.</param>
/// <param name="GigabytesPerSecond">Bytes over the median.</param>
/// <param name="GigaOperationsPerSecond">Operations over the median.</param>
/// <param name="Unit">For instance "pixel".</param>
/// <param name="MegaunitsPerSecond">Millions of units a second.</param>
/// <param name="RoofShare">Gigabytes a second over the memory roof.</param>
public sealed record GpuRow(
    string Kernel, string Problem, double MsMedian, double MsMin, int Runs, double Bytes, double Operations,
    double GigabytesPerSecond, double GigaOperationsPerSecond, string Unit, double MegaunitsPerSecond, double RoofShare);

/// <summary>A run on a GPU.</summary>
/// <param name="Name">What the driver calls it.</param>
/// <param name="Architecture">Compute capability times ten.</param>
/// <param name="CopyGigabytes">Copy inside its memory by the driver: bytes read and written, 10^9 a second.</param>
/// <param name="UpdateGigabytes">t = a·t + b·s in place: 12 bytes an element.</param>
/// <param name="Kernels">Figures.</param>
public sealed record GpuReport(string Name, int Architecture, double CopyGigabytes, double UpdateGigabytes, IReadOnlyList<GpuRow> Kernels)
{
    /// <summary>The best memory figure: what kernels are compared with.</summary>
    public double Gigabytes => Math.Max(CopyGigabytes, UpdateGigabytes);
}

/// <summary>Times every kernel on a GPU, and its memory in the same run.</summary>
/// <param name="gpu">The GPU; borrowed.</param>
/// <param name="runs">Runs of each figure.</param>
/// <param name="quick">Small problems: a look, not a measurement.</param>
public sealed class GpuBench(Gpu gpu, int runs, bool quick)
{
    private const int WarmUpRuns = 3;
    private const ulong Seed = 19;

    // Far beyond any second-level cache.
    private readonly long _flushBytes = quick ? 4096 : 256L << 20;
    private readonly long _roofFloats = quick ? 4096 : 128L << 20;

    /// <summary>Runs everything.</summary>
    /// <param name="progress">Told after each kernel; may be null.</param>
    /// <param name="cancellation">Asked between kernels.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: a launch failed or memory ran out.</exception>
    public GpuReport Run(IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        using DeviceBuffer<byte> flush = gpu.Context.Allocate<byte>(_flushBytes);
        (double copy, double update) = Roof(flush);
        GpuReport report = new(gpu.Name, gpu.Architecture, copy, update, []);
        List<GpuRow> rows = [];
        foreach (KernelFamily family in KernelFamilies.All)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Add(Time(family, flush, report.Gigabytes));
            progress?.Report(new ProgressReport("bench", rows.Count, KernelFamilies.All.Count));
        }

        return report with { Kernels = rows };
    }

    private (double Copy, double Update) Roof(DeviceBuffer<byte> flush)
    {
        using DeviceBuffer<float> first = gpu.Context.Allocate<float>(_roofFloats);
        using DeviceBuffer<float> second = gpu.Context.Allocate<float>(_roofFloats);
        gpu.Stream.Fill(first.Span);
        gpu.Stream.Fill(second.Span);
        double copy = Milliseconds(flush, () => gpu.Stream.Copy(first.Span, second.Span))[0];
        double update = Milliseconds(flush, () => TeacherAverage.Run(gpu.Kernels, gpu.Stream, first.Span, second.Span, 0.999))[0];
        return (8e-6 * _roofFloats / copy, 12e-6 * _roofFloats / update);
    }

    private GpuRow Time(KernelFamily family, DeviceBuffer<byte> flush, double roof)
    {
        KernelProblem problem = family.Make(quick ? ProblemSize.Small : ProblemSize.Full, Seed);
        using KernelRun run = problem.OnGpu(gpu);
        double[] times = Milliseconds(flush, run.Launch);
        double median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
        KernelWork work = problem.Work;
        double gigabytes = work.LeastBytes / median / 1e6;
        return new GpuRow(
            family.Name, problem.Size, median, times[0], times.Length, work.LeastBytes, work.Operations,
            gigabytes, work.Operations / median / 1e6, work.Unit, work.Units / median / 1e3, gigabytes / roof);
    }

    /// <summary>Milliseconds of each run, ascending.</summary>
    private double[] Milliseconds(DeviceBuffer<byte> flush, Action launch)
    {
        using CudaEvent start = new(gpu.Context);
        using CudaEvent end = new(gpu.Context);
        double[] times = new double[runs];
        for (int i = -WarmUpRuns; i < runs; i++)
        {
            gpu.Stream.Fill(flush.Span, (byte)i);
            start.Record(gpu.Stream);
            launch();
            end.Record(gpu.Stream);
            float elapsed = end.MillisecondsSince(start);
            times[Math.Max(i, 0)] = Math.Max(elapsed, 1e-6);
        }

        Array.Sort(times);
        return times;
    }
}
