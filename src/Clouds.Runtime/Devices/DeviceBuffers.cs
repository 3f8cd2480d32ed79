namespace Clouds.Runtime.Devices;

/// <summary>
/// Owns the buffers that one object needs together. When one of them cannot be had, those before it are given back at once, so that a
/// constructor may throw half way. Dispose it when no stream uses the buffers any more.
/// </summary>
/// <param name="context">Where they live.</param>
internal sealed class DeviceBuffers(CudaContext context) : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>One more buffer, with undefined contents.</summary>
    /// <param name="length">Elements; zero is allowed and takes no memory.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Out of memory; all buffers of this owner are gone then.</exception>
    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged
        => OrGiveBack(() =>
        {
            DeviceBuffer<T> buffer = context.Allocate<T>(length);
            _buffers.Add(buffer);
            return buffer;
        });

    /// <summary>One more buffer, with these values.</summary>
    /// <param name="stream">Stream of the upload.</param>
    /// <param name="values">Contents.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Out of memory, or the upload fails; all buffers of this owner are gone then.</exception>
    public DeviceBuffer<T> Upload<T>(CudaStream stream, T[] values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Allocate<T>(values.Length);
        return OrGiveBack(() =>
        {
            stream.Upload<T>(values, buffer.Span);
            return buffer;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in _buffers)
        {
            buffer.Dispose();
        }

        _buffers.Clear();
    }

    private T OrGiveBack<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
