using System.Buffers.Binary;

namespace Clouds.Native.Images;

/// <summary>The checksum of PNG chunks (ISO 3309, reflected polynomial EDB88320), eight bytes a step.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = Build();

    /// <summary>Continues a checksum; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = Table;
        crc = ~crc;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[0x700 + (low & 255)] ^ table[0x600 + ((low >> 8) & 255)] ^ table[0x500 + ((low >> 16) & 255)] ^ table[0x400 + (low >> 24)]
                ^ table[0x300 + (high & 255)] ^ table[0x200 + ((high >> 8) & 255)] ^ table[0x100 + ((high >> 16) & 255)] ^ table[high >> 24];
        }

        foreach (byte value in bytes)
        {
            crc = table[(crc ^ value) & 255] ^ (crc >> 8);
        }

        return ~crc;
    }

    // Row k holds the checksum of a byte followed by k zero bytes.
    private static uint[] Build()
    {
        uint[] table = new uint[8 * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            }

            table[value] = crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            uint previous = table[i - 256];
            table[i] = table[previous & 255] ^ (previous >> 8);
        }

        return table;
    }
}
