using System.Buffers.Binary;
using System.Text;

namespace Clouds.Training.Tracking;

/// <summary>
/// What TensorBoard reads, in protocol buffers written by hand: tensorflow.Event with wall_time = 1, step = 2, file_version = 3 and summary = 5, a
/// tensorflow.Summary whose value = 1 has tag = 1 and either simple_value = 2 or image = 4, a message of height = 1, width = 2, colorspace = 3 and
/// encoded_image_string = 4.
/// </summary>
internal sealed class EventMessage
{
    private const int Step = 2;
    private const int Rgb = 3;

    private readonly MemoryStream _bytes = new();

    private EventMessage()
    {
    }

    private enum Wire
    {
        Number = 0,
        Double = 1,
        Bytes = 2,
        Float = 5,
    }

    /// <summary>The first event of a file.</summary>
    /// <param name="seconds">Since 1970.</param>
    public static byte[] Version(double seconds) => new EventMessage().Double(1, seconds).Text(3, "brain.Event:2").ToArray();

    /// <summary>Numbers of one step.</summary>
    public static byte[] Scalars(double seconds, long step, IEnumerable<KeyValuePair<string, double>> numbers)
    {
        EventMessage summary = new();
        foreach ((string tag, double number) in numbers)
        {
            summary.Message(1, new EventMessage().Text(1, tag).Float(2, (float)number));
        }

        return new EventMessage().Double(1, seconds).Number(Step, step).Message(5, summary).ToArray();
    }

    /// <summary>A picture of one step.</summary>
    public static byte[] Image(double seconds, long step, string tag, int width, int height, ReadOnlySpan<byte> png)
    {
        EventMessage image = new EventMessage().Number(1, height).Number(2, width).Number(3, Rgb).Bytes(4, png);
        EventMessage summary = new EventMessage().Message(1, new EventMessage().Text(1, tag).Message(4, image));
        return new EventMessage().Double(1, seconds).Number(Step, step).Message(5, summary).ToArray();
    }

    /// <summary>The step of an event that was written here, and the name of its first value; 0 and "" where it has none.</summary>
    public static (long Step, string Name) Head(ReadOnlySpan<byte> message)
    {
        // The time comes first and takes nine bytes.
        ReadOnlySpan<byte> rest = message[Math.Min(9, message.Length)..];
        if (rest.IsEmpty || rest[0] != Step << 3)
        {
            return (0, "");
        }

        rest = rest[1..];
        long step = Varint(ref rest);

        // Summary, value and tag each begin with a byte for the field and a length.
        long length = 0;
        for (int depth = 0; depth < 3 && !rest.IsEmpty; depth++)
        {
            rest = rest[1..];
            length = Varint(ref rest);
        }

        return (step, Encoding.UTF8.GetString(rest[..(int)Math.Clamp(length, 0, rest.Length)]));
    }

    private static long Varint(ref ReadOnlySpan<byte> bytes)
    {
        long number = 0;
        for (int shift = 0; !bytes.IsEmpty; shift += 7)
        {
            byte one = bytes[0];
            bytes = bytes[1..];
            number |= (long)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                break;
            }
        }

        return number;
    }

    private byte[] ToArray() => _bytes.ToArray();

    private EventMessage Number(int field, long number)
    {
        Tag(field, Wire.Number);
        return Varint((ulong)number);
    }

    private EventMessage Double(int field, double number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        Tag(field, Wire.Double)._bytes.Write(bytes);
        return this;
    }

    private EventMessage Float(int field, float number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, number);
        Tag(field, Wire.Float)._bytes.Write(bytes);
        return this;
    }

    private EventMessage Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private EventMessage Message(int field, EventMessage inner) => Bytes(field, inner.ToArray());

    private EventMessage Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, Wire.Bytes).Varint((ulong)bytes.Length)._bytes.Write(bytes);
        return this;
    }

    private EventMessage Tag(int field, Wire wire) => Varint(((ulong)field << 3) | (ulong)wire);

    private EventMessage Varint(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            _bytes.WriteByte((byte)(number | 0x80));
        }

        _bytes.WriteByte((byte)number);
        return this;
    }
}
