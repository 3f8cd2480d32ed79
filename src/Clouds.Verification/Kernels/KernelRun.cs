using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Kernels;

/// <summary>A problem in the memory of a GPU, ready to be launched. Owns the memory; dispose it.</summary>
/// <param name="gpu">The GPU; borrowed.</param>
public sealed class KernelRun(Gpu gpu) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Puts the kernels on the GPU's stream.</summary>
    public Action Launch { get; set; } = () => { };

    /// <summary>Waits for the stream and fetches the results.</summary>
    public Func<IReadOnlyList<KernelOutput>> Read { get; set; } = () => [];

    /// <summary>Values in device memory.</summary>
    public DeviceBuffer<T> Upload<T>(T[] values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Room<T>(values.Length);
        gpu.Stream.Upload<T>(values, buffer.Span);
        return buffer;
    }

    /// <summary>Device memory with undefined contents.</summary>
    public DeviceBuffer<T> Room<T>(long length)
        where T : unmanaged
        => Own(gpu.Context.Allocate<T>(length));

    /// <summary>Has something disposed with the run.</summary>
    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>A buffer's values as an output.</summary>
    public KernelOutput Output<T>(string name, DeviceBuffer<T> buffer, double tolerance = 0)
        where T : unmanaged
    {
        T[] values = new T[buffer.Length];
        gpu.Stream.Download<T>(buffer.Span, values);
        return KernelOutput.Of(name, values, tolerance);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _owned.Clear();
    }
}
