using System.Buffers.Binary;
using System.Text;

namespace Clouds.Tests.Graph.Weights.Torch;

/// <summary>Writes pickles as Python does: values of C#, and the names and calls that PyTorch's have.</summary>
internal static class PickleText
{
    public static byte[] Pickle(byte[] value, byte protocol = 2) => [0x80, protocol, .. value, (byte)'.'];

    public static byte[] Value(object? value) => value switch
    {
        null => "N"u8.ToArray(),
        bool truth => [(byte)(truth ? 0x88 : 0x89)],
        int number => [(byte)'J', .. Int32(number)],
        long number => [0x8A, 8, .. Int64(number)],
        string text => [(byte)'X', .. Int32(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)],
        byte[] raw => raw,
        IEnumerable<(object, object?)> pairs => [.. "}("u8, .. pairs.SelectMany(pair => (byte[])[.. Value(pair.Item1), .. Value(pair.Item2)]), (byte)'u'],
        IEnumerable<object?> items => [.. "]("u8, .. items.SelectMany(Value), (byte)'e'],
        _ => throw new ArgumentException($"{value.GetType()}"),
    };

    public static byte[] Tuple(params object?[] items) => [(byte)'(', .. items.SelectMany(Value), (byte)'t'];

    public static byte[] Global(string module, string name) => [(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")];

    public static byte[] Call(string module, string name, params object?[] arguments) => [.. Global(module, name), .. Tuple(arguments), (byte)'R'];

    public static byte[] Dict(params (object, object?)[] pairs) => Value(pairs);

    public static byte[] Made(string module, string name, byte[] state) => [.. Global(module, name), .. Tuple(), 0x81, .. state, (byte)'b'];

    public static byte[] Ordered(params (object, object?)[] pairs) =>
        [.. Call("collections", "OrderedDict"), (byte)'(', .. pairs.SelectMany(pair => (byte[])[.. Value(pair.Item1), .. Value(pair.Item2)]), (byte)'u'];

    public static byte[] Storage(string type, string key, long elements, params object?[] more) =>
        [.. Tuple(["storage", Global("torch", $"{type}Storage"), key, "cpu", elements, .. more]), (byte)'Q'];

    public static byte[] Tensor(byte[] storage, int offset, int[] shape, int[] strides) => Call("torch._utils", "_rebuild_tensor_v2",
        storage, offset, Tuple([.. shape.Cast<object>()]), Tuple([.. strides.Cast<object>()]), false, Call("collections", "OrderedDict"));

    public static byte[] Int32(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }

    public static byte[] Int64(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }
}
