using System.Buffers.Binary;
using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>The fields of a message of protocol buffers in memory, one after the other.</summary>
/// <param name="message">The message.</param>
internal ref struct MessageFields(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Eight = 1;
    private const int Many = 2;
    private const int Four = 5;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that was found.</summary>
    public int Field { get; private set; }

    /// <summary>Its bytes, where it is a text or a message; otherwise none.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its number, where it is one.</summary>
    public int Number { get; private set; }

    /// <summary>Its fraction, where it is one.</summary>
    public float Single { get; private set; }

    /// <summary>Its bytes as text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Goes to the next field.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="FormatException">The message is damaged.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = ReadVarint();
        (Field, Number, Single) = ((int)Math.Min(tag >> 3, int.MaxValue), 0, 0);
        Bytes = [];
        switch ((int)(tag & 7))
        {
            case Varint:
                Number = (int)ReadVarint();
                break;
            case Eight:
                Take(sizeof(ulong));
                break;
            case Many:
                Bytes = Take(ReadVarint());
                break;
            case Four:
                Single = BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
                break;
            default:
                throw new FormatException($"a field of kind {tag & 7}");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number of more than 10 bytes");
    }

    private ReadOnlySpan<byte> Take(ulong bytes)
    {
        if (bytes > (ulong)_rest.Length)
        {
            throw new FormatException($"a field of {bytes} bytes where {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)bytes];
        _rest = _rest[(int)bytes..];
        return taken;
    }
}
