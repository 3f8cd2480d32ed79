using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>One kernel on one problem, ready to be called; owns its buffers.</summary>
/// <param name="kernel">Name of the kernel.</param>
/// <param name="problem">Sizes, for tables.</param>
/// <param name="bytes">Bytes that have to move between memory and processor at least: every input read once, every output written once.</param>
/// <param name="operations">Arithmetic operations: floating-point ones, or comparisons of a labelling.</param>
/// <param name="run">One call on a number of threads.</param>
internal sealed class KernelCase(string kernel, string problem, double bytes, double operations, Action<int> run) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public string Kernel { get; } = kernel;

    public string Problem { get; } = problem;

    public double Bytes { get; } = bytes;

    public double Operations { get; } = operations;

    public void Run(int threads) => run(threads);

    /// <summary>Has buffers disposed with the case.</summary>
    public KernelCase Owning(params IEnumerable<IDisposable> buffers)
    {
        _owned.AddRange(buffers);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(buffer => buffer.Dispose());
}

/// <summary>Buffers of seeded floats.</summary>
internal static class BenchFloats
{
    /// <summary>Uniform in low..high; the caller disposes the buffer.</summary>
    public static unsafe NativeBuffer Uniform(long count, float low, float high)
    {
        NativeBuffer buffer = new(count * sizeof(float), clear: false);
        float* values = (float*)buffer.Pointer;

        // A multiplicative generator: half a gigabyte is to be filled, and nothing depends on its quality.
        ulong state = 0x9E3779B97F4A7C15;
        for (long i = 0; i < count; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            values[i] = low + ((high - low) * (state >> 40) / (1 << 24));
        }

        return buffer;
    }
}
