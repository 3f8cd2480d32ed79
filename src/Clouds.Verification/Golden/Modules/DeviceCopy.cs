using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>An array's copy on a GPU. Dispose it.</summary>
/// <typeparam name="T">Element type.</typeparam>
internal sealed class DeviceCopy<T> : IDisposable
    where T : unmanaged
{
    private readonly Gpu _gpu;
    private readonly DeviceBuffer<T> _buffer;

    /// <summary>Copies the elements there.</summary>
    public DeviceCopy(Gpu gpu, ReadOnlySpan<T> values)
    {
        (_gpu, _buffer) = (gpu, gpu.Context.Allocate<T>(values.Length));
        gpu.Stream.Upload(values, _buffer.Span);
    }

    /// <summary>The device memory.</summary>
    public DeviceSpan<T> Span => _buffer.Span;

    /// <summary>Copies other elements there.</summary>
    public void Send(ReadOnlySpan<T> values) => _gpu.Stream.Upload(values, Span);

    /// <summary>Copies the elements back; waits for the stream.</summary>
    public void Fetch(Span<T> values) => _gpu.Stream.Download(Span, values);

    /// <summary>The same as a new array.</summary>
    public T[] Fetch()
    {
        T[] values = new T[_buffer.Length];
        Fetch(values);
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
