namespace Clouds.Runtime.Devices;

/// <summary>Owns device memory. Dispose it when no stream uses it any more; the host cannot index it.</summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed class DeviceBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly CudaContext _context;
    private readonly ulong _address;
    private bool _disposed;

    internal DeviceBuffer(CudaContext context, ulong address, long length) => (_context, _address, Length) = (context, address, length);

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>Borrows all of it.</summary>
    public DeviceSpan<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new DeviceSpan<T>(_address, Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (_address != 0)
            {
                _context.Free(_address);
            }
        }
    }
}

/// <summary>Borrows device memory: an address and a length that cannot outlive the calling method.</summary>
/// <typeparam name="T">Element type.</typeparam>
public readonly ref struct DeviceSpan<T>
    where T : unmanaged
{
    /// <summary>Memory that somebody else owns, for instance a tensor of ONNX Runtime.</summary>
    /// <param name="address">Device address of the first element.</param>
    /// <param name="length">Elements.</param>
    public DeviceSpan(ulong address, long length) => (Address, Length) = (address, length);

    /// <summary>Device address of the first element.</summary>
    public ulong Address { get; }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>A part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie inside.</exception>
    public unsafe DeviceSpan<T> Slice(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new DeviceSpan<T>(Address + ((ulong)start * (ulong)sizeof(T)), length);
    }
}
