using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Emulator.Execution;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime;

/// <summary>The product's own device classes over the emulated driver; checks at the end that every buffer came back.</summary>
internal sealed class EmulatedGpu : IDisposable
{
    private static readonly string CacheFolder = Path.Combine(Repository.Root, ".cache", "kernels");

    public EmulatedGpu(EmulatorSettings? settings = null, Func<string, string>? mutate = null, int version = 13_000)
    {
        State = new DriverState(settings) { Version = version };
        Driver = CudaDriver.Over(State.EntryPoint, "the emulated driver");
        Gpu = Gpu.Open(Driver, compiler: Compiler, rewrite: mutate);
    }

    /// <summary>The tests' compiler with their cache.</summary>
    public static KernelCompiler Compiler { get; } = new(() => NvrtcForTests.Library, CacheFolder);

    public DriverState State { get; }

    public CudaDriver Driver { get; }

    public Gpu Gpu { get; }

    public CudaContext Context => Gpu.Context;

    public CudaStream Stream => Gpu.Stream;

    public CudaKernels Kernels => Gpu.Kernels;

    public LaunchCounters Count(string kernel) => State.Device.Counters[kernel];

    public DeviceBuffer<T> Upload<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Context.Allocate<T>(values.Length);
        Stream.Upload(values, buffer.Span);
        return buffer;
    }

    public T[] Download<T>(DeviceBuffer<T> buffer)
        where T : unmanaged
    {
        T[] values = new T[buffer.Length];
        Stream.Download<T>(buffer.Span, values);
        return values;
    }

    public void Dispose()
    {
        bool healthy = State.LastFault is null && State.Failures.Count == 0;
        if (healthy)
        {
            long open = Context.OpenBuffers;
            Gpu.Dispose();
            Assert.Equal(0, open);
            Assert.Equal(0, State.Device.MemoryUsed);
            Assert.Equal(0, State.OpenHandles);
        }

        State.Dispose();
    }
}
