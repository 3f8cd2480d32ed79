using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Devices;

/// <summary>Sizes of a launch: a pure function of the problem's sizes.</summary>
/// <param name="GridX">Blocks along x, 2^31 - 1 at most.</param>
/// <param name="BlockX">Threads along x.</param>
/// <param name="GridY">Blocks along y, 65,535 at most.</param>
/// <param name="GridZ">Blocks along z, 65,535 at most.</param>
/// <param name="BlockY">Threads along y.</param>
/// <param name="BlockZ">Threads along z.</param>
/// <param name="SharedBytes">Dynamic shared memory a block.</param>
public readonly record struct LaunchPlan(uint GridX, uint BlockX, uint GridY = 1, uint GridZ = 1, uint BlockY = 1, uint BlockZ = 1, uint SharedBytes = 0)
{
    /// <summary>Blocks that cover a length.</summary>
    public static uint Cover(long length, long each) => checked((uint)((length + each - 1) / each));
}

/// <summary>The parameters of one launch, collected in order.</summary>
public ref struct KernelArguments
{
    /// <summary>Most parameters.</summary>
    public const int Capacity = 32;

    private const int Slot = 8;
    private Values _values;
    private Offsets _offsets;
    private int _count;
    private int _end;

    /// <summary>The collected bytes.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> Bytes => MemoryMarshal.CreateSpan(ref Unsafe.As<Values, byte>(ref _values), Unsafe.SizeOf<Values>());

    /// <summary>A number or a structure.</summary>
    public void Add<T>(T value)
        where T : unmanaged
    {
        if (_count == Capacity || _end + Unsafe.SizeOf<T>() > Unsafe.SizeOf<Values>())
        {
            throw new CloudsException(Failure.Internal, "too many kernel parameters", found: $"{_count} with {_end} bytes");
        }

        MemoryMarshal.Write(Bytes[_end..], in value);
        _offsets[_count++] = _end;
        _end = (_end + Unsafe.SizeOf<T>() + Slot - 1) / Slot * Slot;
    }

    /// <summary>The address of device memory.</summary>
    public void Add<T>(DeviceSpan<T> span)
        where T : unmanaged
        => Add(span.Address);

    /// <summary>Addresses of the parameters, given where <see cref="Bytes"/> are pinned.</summary>
    public readonly unsafe void Addresses(nint values, nint* addresses)
    {
        for (int i = 0; i < _count; i++)
        {
            addresses[i] = values + _offsets[i];
        }
    }

    [InlineArray(512)]
    private struct Values
    {
        private byte _first;
    }

    [InlineArray(Capacity)]
    private struct Offsets
    {
        private int _first;
    }
}
