using System.Buffers;

namespace Clouds.Runtime.Devices;

/// <summary>
/// Page-locked memory of the host, zeroed: copies between it and a GPU run beside the processor's work. Dispose it when no stream uses it any more.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed unsafe class PinnedBuffer<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly CudaContext _context;
    private readonly int _length;
    private T* _first;

    /// <summary>Allocates and clears.</summary>
    /// <param name="context">The GPU that it is exchanged with.</param>
    /// <param name="length">Elements.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: the driver has no such memory left.</exception>
    public PinnedBuffer(CudaContext context, int length)
    {
        nint address;
        context.MakeCurrent();
        context.Driver.Check(context.Driver.cuMemHostAlloc(&address, (nuint)Math.Max(1, length) * (nuint)sizeof(T), 0));
        (_context, _length) = (context, length);
        _first = (T*)address;
        GetSpan().Clear();
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_first is null, this);
        return new Span<T>(_first, _length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_first + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // It never moves.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_first is not null)
        {
            _context.MakeCurrent();
            _context.Driver.CheckRelease(_context.Driver.cuMemFreeHost((nint)_first));
            _first = null;
        }
    }
}
