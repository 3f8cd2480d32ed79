using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Devices;

/// <summary>A GPU as its driver describes it.</summary>
/// <param name="Name">What the driver calls it.</param>
/// <param name="Architecture">Compute capability times ten: 80 for sm_80.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="FreeMemory">Bytes that nobody uses.</param>
/// <param name="TotalMemory">Bytes in all.</param>
/// <param name="KernelFailure">Why a kernel, compiled for it, did not run there and give the processor's bits; null where it did or was not tried.</param>
public sealed record GpuFacts(
    string Name, int Architecture, int Multiprocessors, long FreeMemory, long TotalMemory, CloudsException? KernelFailure = null);

/// <summary>What this machine offers our CUDA kernels, found out by trying: driver, GPUs, run-time compiler, and one kernel on each GPU.</summary>
public sealed record CudaFacts
{
    private CudaFacts()
    {
    }

    /// <summary>The driver's CUDA version and library; null where it does not work.</summary>
    public string? Driver { get; private init; }

    /// <summary>The driver's CUDA version, for instance 13000 for 13.0; 0 where it does not work.</summary>
    public int DriverVersion { get; private init; }

    /// <summary>Why the driver or one of its GPUs does not work; null where all do.</summary>
    public CloudsException? DriverFailure { get; private init; }

    /// <summary>Whether a driver's library is there at all, working or not.</summary>
    public bool DriverIsThere { get; private init; }

    /// <summary>The GPUs in the driver's order.</summary>
    public IReadOnlyList<GpuFacts> Gpus { get; private init; } = [];

    /// <summary>NVRTC's version, architectures and library; null where it does not work.</summary>
    public string? Compiler { get; private init; }

    /// <summary>Why NVRTC does not work; null where it does.</summary>
    public CloudsException? CompilerFailure { get; private init; }

    /// <summary>Tries everything. At most a second or two; an instant where there is no driver.</summary>
    public static CudaFacts Collect()
    {
        List<GpuFacts> gpus = [];
        (string? driver, CloudsException? driverFailure) = Try(() => Describe(CudaDriver.Default, gpus));
        (string? compiler, CloudsException? compilerFailure) = Try(() => Describe(Nvrtc.Default));
        return new CudaFacts
        {
            Driver = driver,
            DriverVersion = driver is null ? 0 : CudaDriver.Default.Version,
            DriverFailure = driverFailure,
            DriverIsThere = CudaDriver.LibraryIsThere,
            Gpus = compiler is null ? gpus : [.. gpus.Select((gpu, ordinal) => gpu with { KernelFailure = Try(() => RunKernel(ordinal)).Failure })],
            Compiler = compiler,
            CompilerFailure = compilerFailure,
        };
    }

    private static string Describe(CudaDriver driver, List<GpuFacts> gpus)
    {
        for (int ordinal = 0, count = CudaContext.Count(driver); ordinal < count; ordinal++)
        {
            using CudaContext context = CudaContext.Open(driver, ordinal);
            (long free, long total) = context.Memory;
            gpus.Add(new GpuFacts(context.Name, context.Architecture, context.Multiprocessors, free, total));
        }

        return $"CUDA {CudaDriver.VersionText(driver.Version)}, {driver.Search.File ?? driver.Search.Trace[^1]}";
    }

    private static string Describe(Nvrtc compiler)
    {
        int[] architectures = compiler.Architectures;
        return $"CUDA {compiler.VersionText}, sm_{architectures[0]} to sm_{architectures[^1]}, {compiler.Search.File ?? compiler.Search.Trace[^1]}";
    }

    private static unsafe string RunKernel(int ordinal)
    {
        using Device device = Device.Open(DeviceName.Cuda(ordinal), new DeviceSettings { Use = DeviceUse.Kernels });
        Gpu gpu = device.Gpu!;
        float[] teacher = [.. Enumerable.Range(0, 100).Select(i => i / 7f)];
        float[] student = [.. Enumerable.Range(0, 100).Select(i => 3f - (i / 5f))];
        using DeviceBuffers buffers = new(gpu.Context);
        DeviceBuffer<float> average = buffers.Upload(gpu.Stream, teacher);
        TeacherAverage.Run(gpu.Kernels, gpu.Stream, average.Span, buffers.Upload(gpu.Stream, student).Span, momentum: 0.999);
        float[] computed = new float[teacher.Length];
        gpu.Stream.Download<float>(average.Span, computed);
        fixed (float* expected = teacher, other = student)
        {
            TeacherAverage.Run(new(expected, teacher.Length), new(other, student.Length), momentum: 0.999, threads: 1);
        }

        return computed.AsSpan().SequenceEqual(teacher)
            ? "ran"
            : throw new CloudsException(Failure.Numeric, "a kernel computed wrong", where: "ema.cu",
                found: $"{computed[^1]} for {teacher[^1]}", next: "report this; ComputeDevice.Cpu works meanwhile");
    }

    private static (string? Text, CloudsException? Failure) Try(Func<string> look)
    {
        try
        {
            return (look(), null);
        }
        catch (CloudsException failure)
        {
            return (null, failure);
        }
    }
}
