using System.Collections.Concurrent;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Compilation;

/// <summary>
/// A GPU that runs our kernels: its primary context, one stream, and the kernels compiled for it. Dispose it after everything that was
/// made from it. One thread at a time.
/// </summary>
public sealed class Gpu : IDisposable
{
    private static readonly ConcurrentDictionary<int, Lazy<Gpu>> Machine = [];

    private Gpu(CudaContext context, int ordinal, CudaStream stream, CudaKernels kernels)
        => (Context, Ordinal, Stream, Kernels) = (context, ordinal, stream, kernels);

    /// <summary>What the driver calls the device.</summary>
    public string Name => Context.Name;

    /// <summary>Compute capability times ten: 80 for sm_80.</summary>
    public int Architecture => Context.Architecture;

    /// <summary>Number of the GPU behind its driver, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>Held by whoever uses <see cref="Stream"/> where several threads may.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The device's primary context.</summary>
    public CudaContext Context { get; }

    /// <summary>A stream of our own, beside those of ONNX Runtime.</summary>
    public CudaStream Stream { get; }

    /// <summary>The kernels, each compiled when first asked for.</summary>
    public CudaKernels Kernels { get; }

    /// <summary>Opens a GPU of this machine.</summary>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">No driver, no such GPU, or it fails.</exception>
    public static Gpu Open(int ordinal = 0) => Open(CudaDriver.Default, ordinal);

    /// <summary>
    /// The GPU of this machine that all sessions share, opened when first asked for and never closed. What does not work then is not tried again
    /// in this process.
    /// </summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="Open(int)"/>.</exception>
    public static Gpu Shared(int ordinal) => Machine.GetOrAdd(ordinal, number => new Lazy<Gpu>(() => Open(number))).Value;

    /// <summary>Opens the first GPU behind a driver that the caller brings along, for instance an emulated one.</summary>
    /// <param name="entryPoint">Address of a driver function by name, 0 = there is none.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">An entry point is missing or the driver does not start.</exception>
    public static Gpu Open(Func<string, nint> entryPoint, string name)
    {
        CudaDriver driver = new(entryPoint, new LibrarySearch(name));
        driver.Initialise();
        return Open(driver);
    }

    /// <summary>Opens a GPU behind a driver.</summary>
    /// <param name="driver">An initialised driver.</param>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <param name="compiler">Compiler of the kernels; null = NVRTC with the user's cache.</param>
    /// <param name="rewrite">Changes PTX before it is loaded; for tests that plant a defect.</param>
    public static Gpu Open(CudaDriver driver, int ordinal = 0, KernelCompiler? compiler = null, Func<string, string>? rewrite = null)
    {
        CudaContext context = CudaContext.Open(driver, ordinal);
        try
        {
            compiler ??= new KernelCompiler(() => Nvrtc.Default, KernelCompiler.DefaultCacheFolder);
            return new Gpu(context, ordinal, CudaStream.Create(context), new CudaKernels(context, compiler) { Rewrite = rewrite });
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kernels.Dispose();
        Stream.Dispose();
        Context.Dispose();
    }
}
