using System.Buffers.Binary;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// Opens a safetensors file: 8 bytes of length, a JSON header, the elements. The whole header is checked, so a damaged or hostile file is refused
/// before any tensor is read. Where the file carries the digest of its content, which ours do, every byte of it is read once and checked.
/// </summary>
internal static class SafetensorsFile
{
    // The header of a model with 10,000 tensors takes about one megabyte. The reference implementation's limit is three times as high, but a hostile
    // header can cost several times its length while it is checked.
    internal const long MaxHeaderBytes = 32 << 20;

    private const int LengthBytes = 8;

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="file">The file; it belongs to the result.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: truncated or hostile.</exception>
    public static WeightSource Open(string asked, MappedFile file)
    {
        long data = LengthBytes + HeaderBytes(file);
        SafetensorsHeader header = SafetensorsHeader.Parse(file, file.Span(LengthBytes, (int)data - LengthBytes), data);
        ContentDigest.Require(file, header.Metadata);
        return new WeightSource(asked, [file], header.Tensors, header.Metadata) { Format = "safetensors" };
    }

    private static long HeaderBytes(MappedFile file)
    {
        if (file.Bytes < LengthBytes)
        {
            throw Refused("the file is too short for a safetensors file", file, $"{file.Bytes} bytes", $"{LengthBytes} bytes or more");
        }

        ReadOnlySpan<byte> start = file.Span(0, LengthBytes);
        long bytes = BinaryPrimitives.ReadInt64LittleEndian(start);
        if (bytes is < 2 or > MaxHeaderBytes)
        {
            throw Refused("the header length makes no sense", file, $"{(ulong)bytes} bytes", $"2..{MaxHeaderBytes} bytes");
        }

        return bytes <= file.Bytes - LengthBytes
            ? bytes
            : throw Refused("the header reaches beyond the end of the file", file, $"{bytes} bytes", $"at most {file.Bytes - LengthBytes} bytes in this file");
    }

    private static CloudsException Refused(string what, MappedFile file, string found, string expected) =>
        new(Failure.Weights, what, file.Path, found, expected, "the file is truncated, or no file of weights: fetch or export it again");
}
