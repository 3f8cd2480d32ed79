using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// Walks through a message of protocol buffers without reading it into memory, so that the tensors in a model can be used where they lie, which the
/// library's own reader copies.
/// </summary>
internal sealed class ProtoReader
{
    private const int LongestText = 1 << 20;

    private readonly MappedFile _file;
    private readonly long _end;
    private long _position;

    /// <param name="file">The file.</param>
    /// <param name="start">First byte of the message.</param>
    /// <param name="bytes">Its length.</param>
    public ProtoReader(MappedFile file, long start, long bytes) => (_file, _position, _end) = (file, start, start + bytes);

    /// <summary>Number of the field that was found.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field holds bytes, texts, a message, or numbers without their tags; it holds one number otherwise.</summary>
    public bool IsBytes => Wire == 2;

    /// <summary>Where the field's bytes start; of a number, its own.</summary>
    public long Offset { get; private set; }

    /// <summary>Their length.</summary>
    public long Bytes => _position - Offset;

    /// <summary>The number of a field that holds one, other than a fraction.</summary>
    public long Number { get; private set; }

    private int Wire { get; set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        if (_position >= _end)
        {
            return false;
        }

        ulong tag = Varint();
        (Field, Wire, Number) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7), 0);
        Offset = _position;
        switch (Wire)
        {
            case 0:
                Number = (long)Varint();
                break;
            case 1:
                Skip(sizeof(ulong));
                break;
            case 2:
                ulong bytes = Varint();
                Offset = _position;
                Skip(bytes);
                break;
            case 5:
                Skip(sizeof(uint));
                break;
            default:
                throw Broken($"a field of kind {Wire}");
        }

        return true;
    }

    /// <summary>The field's bytes as a message, or as numbers without tags.</summary>
    public ProtoReader Inner() => new(_file, Offset, Bytes);

    /// <summary>The field's bytes as text.</summary>
    public string Text() =>
        IsBytes && Bytes <= LongestText ? Encoding.UTF8.GetString(_file.Span(Offset, (int)Bytes)) : throw Broken($"{Bytes} bytes where a name should be");

    /// <summary>The numbers of a field, which are written with a tag each or all together.</summary>
    public IEnumerable<long> Numbers() => Inner().Rest();

    private IEnumerable<long> Rest()
    {
        while (_position < _end)
        {
            yield return (long)Varint();
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            Skip(1);
            byte part = _file.Span(_position - 1, 1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Broken("a number of more than 10 bytes");
    }

    private void Skip(ulong bytes)
    {
        if (bytes > (ulong)(_end - _position))
        {
            throw Broken($"a field of {bytes} bytes where {_end - _position} are left");
        }

        _position += (long)bytes;
    }

    private CloudsException Broken(string found) => new(Failure.Weights, "the file is no ONNX model, or was cut off", $"{_file.Path}, byte {_position}", found,
        "an ONNX model", "fetch or export the model again");
}
