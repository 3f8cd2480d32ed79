using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Borrows memory of the processor: what twins take in place of a bare pointer. The length may pass 2^31 elements. Whoever makes one keeps the
/// memory alive and in place until the twin has returned.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
/// <param name="pointer">First element; may be null where the length is 0.</param>
/// <param name="length">Elements.</param>
public readonly unsafe struct HostSpan<T>(T* pointer, long length)
    where T : unmanaged
{
    private readonly T* _pointer = pointer;

    /// <summary>Elements.</summary>
    public long Length { get; } = length;

    /// <summary>A part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie inside.</exception>
    public HostSpan<T> Slice(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        return new HostSpan<T>(_pointer + start, length);
    }

    /// <summary>The first element, for loops that stay within <paramref name="expected"/> elements. There is no other way to it than past this check.</summary>
    /// <param name="expected">What the length has to be.</param>
    /// <param name="name">Of the argument, for the message.</param>
    /// <param name="formula">Of the expected length, for the message.</param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    internal T* Pointer(long expected, string name, string formula)
    {
        KernelCheck.Length(Length, expected, name, formula);
        return _pointer;
    }
}
