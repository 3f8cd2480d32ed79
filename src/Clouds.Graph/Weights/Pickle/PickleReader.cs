using System.Buffers.Binary;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights.Pickle;

/// <summary>The bytes of a pickle, one after the other, and what reading them may cost.</summary>
internal sealed unsafe class PickleReader
{
    /// <summary>What to do about a file that is damaged or hostile.</summary>
    public const string Damaged = "the file is damaged or hostile: fetch it again from where it came from";

    // A pickle of a few bytes still needs a few objects; a large one may take twice the file's size.
    private const long FreeBytes = 16 << 20;

    // A checkpoint of 100,000 tensors and the optimiser's two for each takes about 9 million; as many as these take a quarter of a second.
    private const long MostSteps = 20_000_000;

    private readonly string _where;
    private readonly MappedFile _file;
    private readonly byte* _start;
    private readonly long _end;
    private long _steps = MostSteps;
    private long _bytes;

    /// <param name="where">File and part of it, for messages.</param>
    /// <param name="file">The file.</param>
    /// <param name="start">First byte.</param>
    /// <param name="bytes">Bytes up to the end of what may belong to the pickle.</param>
    /// <param name="fileBytes">Size of the whole file on the disk.</param>
    public PickleReader(string where, MappedFile file, long start, long bytes, long fileBytes)
    {
        (_where, _file, Position, _end) = (where, file, start, start + bytes);
        _start = (byte*)file.Address;
        _bytes = FreeBytes + (2 * fileBytes);
    }

    /// <summary>The next byte, counted from the start of the file.</summary>
    public long Position { get; private set; }

    /// <summary>Takes an opcode.</summary>
    public PickleOpcode Opcode() => --_steps >= 0 ? (PickleOpcode)Byte() : throw Refuse("a pickle never comes to its end", $"{MostSteps} operations", "fewer");

    public byte Byte() => Position < _end ? _start[Position++] : Span(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Span(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Span(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Span(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Span(8));

    public double DoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Span(8));

    /// <summary>Takes bytes without reading them.</summary>
    public PickleBytes Bytes(long count)
    {
        Require(count);
        PickleBytes bytes = new(_file, Position, count);
        Charge(PickleBytes.Cost);
        Position += count;
        return bytes;
    }

    /// <summary>Takes a text of a given length: as bytes where it is too long for a name.</summary>
    public object Text(long count)
    {
        if (count > PickleBytes.LongestText)
        {
            return Bytes(count);
        }

        string? text = PickleBytes.Decode(Span((int)count));
        Charge(32 + (2 * count));
        return text ?? throw Refuse("a text of a pickle is not UTF-8", "other bytes", "UTF-8");
    }

    /// <summary>Takes a line of text, as protocol 0 writes its arguments.</summary>
    public string Line()
    {
        int longest = (int)Math.Min(PickleBytes.LongestText, _end - Position);
        int length = _file.Span(Position, longest).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Refuse("a line of a pickle has no end", "no end of line", $"one within {longest} bytes");
        }

        Charge(32 + (2 * length));
        return Encoding.Latin1.GetString(Span(length + 1)[..length]);
    }

    /// <summary>A frame only promises that so many bytes follow.</summary>
    public void Frame() => Require(Int64());

    /// <summary>Accounts for memory before it is taken.</summary>
    /// <exception cref="CloudsException">Weights: it would be more than twice the size of the file.</exception>
    public void Charge(long bytes)
    {
        _bytes -= bytes;
        if (_bytes < 0)
        {
            throw Refuse("a pickle wants more memory than its file can mean", "more than twice the size of the file", "names and tensors");
        }
    }

    /// <summary>The failure that ends the reading here.</summary>
    public CloudsException Refuse(string what, string? found, string? expected, string next = Damaged) =>
        new(Failure.Weights, what, $"{_where}, byte {Position}", found, expected, next);

    private ReadOnlySpan<byte> Span(int count)
    {
        Require(count);
        Position += count;
        return _file.Span(Position - count, count);
    }

    private void Require(long count)
    {
        if (count < 0 || count > _end - Position)
        {
            throw Refuse("a pickle ends in the middle", $"{_end - Position} bytes", $"{(ulong)count} bytes");
        }
    }
}
