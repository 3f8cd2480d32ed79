using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Clouds.Training.Tracking;

/// <summary>
/// One record of an event file: its length in eight bytes, their checksum, the bytes, their checksum; all little-endian. A checksum is CRC-32C, turned by
/// 15 bits and moved by a constant, so that a checksum among the bytes is no trap.
/// </summary>
internal static class EventRecord
{
    private const int Head = sizeof(ulong) + sizeof(uint);
    private const uint Moved = 0xa282ead8;

    /// <summary>What a record adds to its bytes.</summary>
    public const int Overhead = Head + sizeof(uint);

    /// <summary>A record around bytes.</summary>
    public static byte[] Around(ReadOnlySpan<byte> bytes)
    {
        byte[] record = new byte[bytes.Length + Overhead];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Checksum(record.AsSpan(0, sizeof(ulong))));
        bytes.CopyTo(record.AsSpan(Head));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(Head + bytes.Length), Checksum(bytes));
        return record;
    }

    /// <summary>The bytes of the record that a stream stands before; null at its end, and where the record is cut short or damaged.</summary>
    public static byte[]? Next(Stream stream)
    {
        Span<byte> head = stackalloc byte[Head];
        if (stream.ReadAtLeast(head, Head, throwOnEndOfStream: false) < Head || Checksum(head[..sizeof(ulong)]) != Number(head[sizeof(ulong)..]))
        {
            return null;
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length + sizeof(uint) > (ulong)(stream.Length - stream.Position))
        {
            return null;
        }

        byte[] bytes = new byte[length + sizeof(uint)];
        stream.ReadExactly(bytes);
        return Checksum(bytes.AsSpan(0, (int)length)) == Number(bytes.AsSpan((int)length)) ? bytes[..(int)length] : null;
    }

    /// <summary>The checksum of bytes as records carry it.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (ulong eight in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, eight);
        }

        foreach (byte one in bytes[(bytes.Length / sizeof(ulong) * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return BitOperations.RotateRight(~crc, 15) + Moved;
    }

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
