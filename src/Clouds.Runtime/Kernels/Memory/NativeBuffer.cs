using System.Runtime.InteropServices;

namespace Clouds.Runtime.Kernels;

/// <summary>Owns a block of native memory, zeroed unless said, aligned to 64 bytes; lengths may pass 2^31 bytes. Dispose it.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;
    private byte* _pointer;

    /// <summary>Allocates and clears.</summary>
    /// <param name="bytes">Length in bytes, zero allowed.</param>
    /// <param name="clear">Whether to clear; memory that is not touched costs address space only.</param>
    public NativeBuffer(long bytes, bool clear = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, Alignment), Alignment);
        if (clear)
        {
            NativeMemory.Clear(_pointer, (nuint)bytes);
        }

        GC.AddMemoryPressure(Math.Max(bytes, Alignment));
    }

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Length in floats.</summary>
    public long Floats => Bytes / sizeof(float);

    /// <summary>The first byte; valid until the buffer is disposed.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>Elements of type <typeparamref name="T"/> from element <paramref name="offset"/> on; borrowed, bounds checked.</summary>
    public Span<T> Span<T>(long offset, int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((offset + length) * sizeof(T), Bytes);
        return new Span<T>((T*)Pointer + offset, length);
    }

    /// <summary>All of it as elements of type <typeparamref name="T"/>; borrowed.</summary>
    public HostSpan<T> Elements<T>()
        where T : unmanaged
        => new((T*)Pointer, Bytes / sizeof(T));

    /// <summary>Elements from <paramref name="offset"/> on; borrowed, bounds checked.</summary>
    public HostSpan<T> Elements<T>(long offset, long length)
        where T : unmanaged
        => Elements<T>().Slice(offset, length);

    /// <summary>Sets every byte to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            GC.RemoveMemoryPressure(Math.Max(Bytes, Alignment));
            _pointer = null;
        }
    }
}
