using System.Buffers.Binary;
using System.Globalization;

namespace Clouds.Graph.Weights.Pickle;

/// <summary>Operations that put one value on the stack.</summary>
internal sealed partial class PickleMachine
{
    private object? Value(PickleOpcode opcode) => opcode switch
    {
        PickleOpcode.None => null,
        PickleOpcode.NewTrue => true,
        PickleOpcode.NewFalse => false,
        PickleOpcode.Dup => _stack.Top(),
        PickleOpcode.Get => _memo.Get(Index()),
        PickleOpcode.BinGet => _memo.Get(reader.Byte()),
        PickleOpcode.LongBinGet => _memo.Get(reader.UInt32()),
        PickleOpcode.EmptyTuple => Tuple(0),
        PickleOpcode.Tuple1 => Tuple(1),
        PickleOpcode.Tuple2 => Tuple(2),
        PickleOpcode.Tuple3 => Tuple(3),
        PickleOpcode.Tuple => new PickleTuple(_stack.PopToMark()),
        PickleOpcode.EmptyList or PickleOpcode.EmptyDict or PickleOpcode.EmptySet => Empty(),
        PickleOpcode.List or PickleOpcode.FrozenSet => Of(_stack.PopToMark()),
        PickleOpcode.Dict => OfPairs(_stack.PopToMark()),
        _ => Number(opcode) ?? Text(opcode),
    };

    private object? Number(PickleOpcode opcode) => opcode switch
    {
        PickleOpcode.BinInt => Boxed((long)reader.Int32()),
        PickleOpcode.BinInt1 => Boxed((long)reader.Byte()),
        PickleOpcode.BinInt2 => Boxed((long)reader.UInt16()),
        PickleOpcode.BinFloat => Boxed(reader.DoubleBigEndian()),
        PickleOpcode.Long1 => Long(reader.Byte()),
        PickleOpcode.Long4 => Long(reader.Int32()),
        PickleOpcode.Int => Integer(reader.Line()),
        PickleOpcode.Long => Integer(reader.Line().TrimEnd('L')),
        PickleOpcode.Float => Fraction(reader.Line()),
        _ => null,
    };

    private object Text(PickleOpcode opcode) => opcode switch
    {
        PickleOpcode.ShortBinUnicode => reader.Text(reader.Byte()),
        PickleOpcode.BinUnicode => reader.Text(reader.UInt32()),
        PickleOpcode.BinUnicode8 => reader.Text(reader.Int64()),
        PickleOpcode.ShortBinString or PickleOpcode.ShortBinBytes => reader.Bytes(reader.Byte()),
        PickleOpcode.BinString => reader.Bytes(reader.Int32()),
        PickleOpcode.BinBytes => reader.Bytes(reader.UInt32()),
        PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8 => reader.Bytes(reader.Int64()),
        PickleOpcode.Unicode => reader.Line(),
        PickleOpcode.String => reader.Line().Trim('\'', '"'),
        PickleOpcode.PersId or PickleOpcode.Ext1 or PickleOpcode.Ext2 or PickleOpcode.Ext4 or PickleOpcode.NextBuffer or PickleOpcode.ReadonlyBuffer =>
            throw reader.Refuse("the pickle uses an operation that no checkpoint needs", $"{opcode}", "operations of PyTorch's checkpoints"),
        _ => throw reader.Refuse("the pickle has an unknown operation", $"0x{(byte)opcode:X2}", "an operation of protocol 0 to 5"),
    };

    private PickleTuple Tuple(int count) => new(_stack.Pop(count));

    private PickleObject Empty()
    {
        reader.Charge(PickleObject.Cost);
        return new PickleObject();
    }

    private PickleObject Of(object?[] items)
    {
        PickleObject list = Empty();
        list.Append(items, reader);
        return list;
    }

    private PickleObject OfPairs(object?[] pairs)
    {
        PickleObject dictionary = Empty();
        dictionary.SetPairs(pairs, reader);
        return dictionary;
    }

    private object Boxed<T>(T number)
        where T : struct
    {
        reader.Charge(NumberCost);
        return number;
    }

    // Little-endian in two's complement; what does not fit 8 bytes stays bytes.
    private object Long(int count)
    {
        PickleBytes bytes = reader.Bytes(count);
        if (count > sizeof(long))
        {
            return bytes;
        }

        Span<byte> padded = stackalloc byte[sizeof(long)];
        padded.Fill(count > 0 && bytes.Span()[^1] >= 0x80 ? (byte)0xFF : (byte)0);
        bytes.Span().CopyTo(padded);
        return Boxed(BinaryPrimitives.ReadInt64LittleEndian(padded));
    }

    // Protocol 0 writes truth values as the numbers 01 and 00.
    private object Integer(string digits) => digits switch
    {
        "01" => true,
        "00" => false,
        _ => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? Boxed(number)
            : digits.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0 && digits.Length > 18 ? digits
            : throw reader.Refuse("a number of a pickle is none", $"'{digits}'", "digits"),
    };

    private object Fraction(string digits) => double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? Boxed(number)
        : throw reader.Refuse("a number of a pickle is none", $"'{digits}'", "digits");
}
