using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>Arrays of NumPy in a pickle, as older model zoos publish weights.</summary>
internal static class Numpy
{
    private const int Cost = 200;

    private static readonly HashSet<string> Names = new(
        ["numpy.ndarray", "numpy.dtype", "_codecs.encode",
            "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"],
        StringComparer.Ordinal);

    /// <summary>Whether a name belongs to arrays.</summary>
    public static bool Knows(string path) => Names.Contains(path);

    /// <summary>What a call makes.</summary>
    public static object? Make(string path, object?[] items, PickleReader reader)
    {
        reader.Charge(Cost);
        return path switch
        {
            "numpy.dtype" => new NumpyType(items.Length > 0 ? PickleKey.Text(items[0], reader) ?? "" : ""),
            "_codecs.encode" => Latin1Text.Of(items),
            "numpy.core.numeric._frombuffer" or "numpy._core.numeric._frombuffer" => new NumpyArray(reader, items),
            _ => new NumpyArray(reader, []),
        };
    }
}

/// <summary>The type of an array's elements.</summary>
/// <param name="code">As NumPy writes it: kind and bytes, perhaps behind a byte order.</param>
internal sealed class NumpyType(string code)
{
    private string _order = "";

    /// <summary>Kind and bytes.</summary>
    public string Code { get; } = code.TrimStart('<', '|', '=', '>');

    /// <summary>Whether the most significant byte comes first.</summary>
    public bool BigEndian => _order == ">" || code.StartsWith('>');

    /// <summary>Its element type; null where weight files have none such.</summary>
    public WeightType? Type => Code switch
    {
        "f8" => WeightType.F64,
        "f4" => WeightType.F32,
        "f2" => WeightType.F16,
        "i8" => WeightType.I64,
        "i4" => WeightType.I32,
        "i2" => WeightType.I16,
        "i1" => WeightType.I8,
        "u8" => WeightType.U64,
        "u4" => WeightType.U32,
        "u2" => WeightType.U16,
        "u1" => WeightType.U8,
        "b1" => WeightType.Bool,
        _ => null,
    };

    /// <summary>Takes the state: (version, byte order, ...).</summary>
    public void SetUp(object? state) => _order = state is PickleTuple { Items: [_, object order, ..] } ? PickleKey.Text(order) ?? "" : "";
}

/// <summary>An array, whose elements lie in the pickle itself.</summary>
internal sealed class NumpyArray
{
    // How protocol 2 writes that there are none.
    private const string NoBytes = "__builtin__.bytes";

    private readonly PickleReader _reader;

    /// <param name="reader">The pickle.</param>
    /// <param name="buffer">(bytes, type, shape, order) where the array is made at once.</param>
    public NumpyArray(PickleReader reader, object?[] buffer)
    {
        _reader = reader;
        if (buffer is [object data, NumpyType type, PickleTuple shape, object order])
        {
            Fill(type, shape, PickleKey.Text(order) == "F", data);
        }
    }

    /// <summary>The elements as a tensor without a name; null where they are texts, objects or records, or where nothing set the array up.</summary>
    public (PickleBytes Bytes, TorchTensor Tensor)? Elements { get; private set; }

    /// <summary>Takes the state: (version, shape, type, whether columns come first, bytes).</summary>
    public void SetUp(object? state)
    {
        if (state is PickleTuple { Items: [_, PickleTuple shape, NumpyType type, bool columns, object data] })
        {
            Fill(type, shape, columns, data);
        }
    }

    private void Fill(NumpyType type, PickleTuple shape, bool columns, object data)
    {
        PickleBytes? found = type.Type is null ? null : data switch
        {
            Latin1Text text => text.Decode(_reader),
            PickleData { Type: NoBytes } => _reader.Bytes(0),
            _ => data as PickleBytes,
        };
        if (type.Type is not WeightType element || found is not PickleBytes bytes)
        {
            return;
        }

        if (type.BigEndian && element.Size() > 1)
        {
            throw _reader.Refuse("an array has its most significant bytes first", "big-endian", "little-endian", "save it on a little-endian machine");
        }

        TorchStorage storage = new("", element, bytes.Count / element.Size());
        long[]? sizes = shape.Sizes();
        TorchTensor? tensor = TorchTensor.Of(storage, element, 0L, sizes, sizes is null ? null : Strides(sizes, columns));
        Elements = tensor is not null && tensor.Bytes == bytes.Count
            ? (bytes, tensor)
            : throw _reader.Refuse("an array does not fit its bytes", $"{bytes.Count} bytes", $"{element} [{string.Join(", ", shape.Items)}]");
    }

    private static long[] Strides(long[] shape, bool columns)
    {
        long[] strides = new long[shape.Length];
        long elements = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            int axis = columns ? i : shape.Length - 1 - i;
            strides[axis] = elements;
            elements = unchecked(elements * shape[axis]);
        }

        return strides;
    }
}
