namespace Clouds.Runtime.Devices;

/// <summary>A point in a stream, for waiting and for timing. Dispose it.</summary>
public sealed unsafe class CudaEvent : IDisposable
{
    private readonly CudaContext _context;
    private nint _handle;

    /// <summary>A new event.</summary>
    public CudaEvent(CudaContext context)
    {
        nint handle;
        context.MakeCurrent();
        context.Driver.Check(context.Driver.cuEventCreate(&handle, 0));
        (_context, _handle) = (context, handle);
    }

    /// <summary>The driver's handle.</summary>
    public nint Handle => _handle;

    /// <summary>Notes the stream's present end.</summary>
    public void Record(CudaStream stream)
    {
        _context.MakeCurrent();
        _context.Driver.Check(_context.Driver.cuEventRecord(_handle, stream.Handle));
    }

    /// <summary>Returns when the work before it is done; at once where it was never recorded.</summary>
    public void Synchronise()
    {
        _context.MakeCurrent();
        _context.Driver.Check(_context.Driver.cuEventSynchronize(_handle));
    }

    /// <summary>Milliseconds from an earlier recorded event to this one; waits for both.</summary>
    public float MillisecondsSince(CudaEvent start)
    {
        float milliseconds;
        Synchronise();
        _context.Driver.Check(_context.Driver.cuEventElapsedTime(&milliseconds, start._handle, _handle));
        return milliseconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _context.MakeCurrent();
            _context.Driver.CheckRelease(_context.Driver.cuEventDestroy_v2(_handle));
            _handle = 0;
        }
    }
}
