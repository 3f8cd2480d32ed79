using System.Buffers.Binary;

namespace Clouds.Tests.Native.Images;

/// <summary>JPEG files that an encoder would not write.</summary>
internal static class Jpegs
{
    /// <summary>With an APP1 segment that holds one EXIF tag, put behind the start marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation) =>
    [
        .. jpeg[..2],
        0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8,
        .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        .. jpeg[2..],
    ];

    /// <summary>With three bytes that mean nothing before the quantisation tables: decoders skip them and warn.</summary>
    public static byte[] WithStrayBytes(byte[] jpeg)
    {
        int tables = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xDB]);
        return [.. jpeg[..tables], 1, 2, 3, .. jpeg[tables..]];
    }

    /// <summary>With zeros over the second half of the compressed data, closed by its end marker: decoders fill the rest with gray.</summary>
    public static byte[] Zeroed(byte[] jpeg)
    {
        byte[] damaged = [.. jpeg];
        int data = DataOf(jpeg);
        damaged.AsSpan(data + ((jpeg.Length - data) / 2), (jpeg.Length - data) / 2).Clear();
        return [.. damaged[..^2], 0xFF, 0xD9];
    }

    /// <summary>Cut in the middle of the compressed data, closed by an end marker.</summary>
    public static byte[] CutAndClosed(byte[] jpeg)
    {
        int data = DataOf(jpeg);
        return [.. jpeg[..(data + ((jpeg.Length - data) / 2))], 0xFF, 0xD9];
    }

    /// <summary>With another size in its frame header.</summary>
    public static byte[] Declaring(byte[] jpeg, ushort width, ushort height)
    {
        byte[] bomb = [.. jpeg];
        int frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(bomb.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(bomb.AsSpan(frame + 7), width);
        return bomb;
    }

    private static int DataOf(byte[] jpeg)
    {
        int scan = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);
        return scan + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(scan + 2));
    }
}
