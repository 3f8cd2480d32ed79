using Clouds.Runtime.Devices;

namespace Clouds.Runtime.CustomOps;

/// <summary>A node's scratch in device memory, kept while its length stays. Dispose it.</summary>
/// <typeparam name="T">Element type.</typeparam>
internal sealed class DeviceScratch<T> : IDisposable
    where T : unmanaged
{
    private DeviceBuffer<T>? _buffer;

    /// <summary>Memory of this many elements with any content, until the next call.</summary>
    public DeviceSpan<T> Span(CudaOpContext context, long length)
    {
        if (_buffer is null || _buffer.Length != length)
        {
            // Earlier launches may still use the old memory.
            if (_buffer is not null)
            {
                context.Stream.Synchronise();
            }

            _buffer?.Dispose();
            _buffer = null;
            _buffer = context.Kernels.Context.Allocate<T>(length);
        }

        return _buffer.Span;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();
}
