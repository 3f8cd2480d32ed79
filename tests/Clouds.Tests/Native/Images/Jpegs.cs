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
}
