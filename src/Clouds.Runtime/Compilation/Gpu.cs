using System.Collections.Concurrent;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Compilation;

/// <summary>
/// A GPU that runs our kernels: its primary context, one stream, and the kernels compiled for it. <see cref="Device"/> opens it. Dispose it after
/// everything that was made from it. One thread at a time.
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

    /// <summary>
    /// The GPU of this machine that all devices share, opened when first asked for and never closed. What does not work then is not tried again
    /// in this process.
    /// </summary>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">No driver, no such GPU, or it fails.</exception>
    internal static Gpu Shared(int ordinal) => Machine.GetOrAdd(ordinal, number => new Lazy<Gpu>(() => Open(CudaDriver.Default, number))).Value;

    /// <summary>Opens a GPU behind a driver.</summary>
    /// <param name="driver">An initialised driver.</param>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <param name="compiler">Compiler of the kernels; null = NVRTC with the user's cache.</param>
    /// <param name="rewrite">Changes PTX before it is loaded; for tests that plant a defect.</param>
    internal static Gpu Open(CudaDriver driver, int ordinal = 0, KernelCompiler? compiler = null, Func<string, string>? rewrite = null)
    {
        CudaContext context = CudaContext.Open(driver, ordinal);
        try
        {
            return new Gpu(context, ordinal, CudaStream.Create(context), new CudaKernels(context, compiler ?? KernelCompiler.Default) { Rewrite = rewrite });
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
