using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Onnx;

/// <summary>Reads stored tensors, from the model itself or from a file in its folder and nowhere else.</summary>
/// <param name="path">Absolute path of the model; null where it came from memory.</param>
internal sealed class TensorReader(string? path)
{
    private string Where => path ?? "model in memory";

    public static OnnxTensor Describe(ValueInfoProto info)
    {
        TypeProto.Types.Tensor? tensor = info.Type?.TensorType;
        Dim Extent(TensorShapeProto.Types.Dimension dim) => dim.HasDimValue ? dim.DimValue : dim.DimParam.Length > 0 ? dim.DimParam : "?";
        return new OnnxTensor(info.Name, (ElementType)(tensor?.ElemType ?? 0), tensor?.Shape is TensorShapeProto shape ? [.. shape.Dim.Select(Extent)] : null);
    }

    public static string? ExternalFile(TensorProto tensor) =>
        tensor.DataLocation == TensorProto.Types.DataLocation.External ? Entry(tensor, "location") ?? "" : null;

    public static Shape ShapeOf(TensorProto tensor, string where) =>
        tensor.Dims.All(size => size >= 0) ? Shape.Of([.. tensor.Dims]) : throw Bad($"tensor '{tensor.Name}' has a negative extent", where);

    /// <summary>The elements of a tensor.</summary>
    /// <exception cref="CloudsException">The elements are missing, of the wrong number, or outside the model's folder.</exception>
    public Literal Read(TensorProto tensor)
    {
        long expected = ByteCount(tensor);
        if (ExternalFile(tensor) is string file)
        {
            return new Literal((ElementType)tensor.DataType, [.. tensor.Dims], ReadExternal(tensor, file, expected));
        }

        Literal literal = AttributeWriter.ReadLiteral(tensor);
        return literal.Data.Length == expected
            ? literal
            : throw Bad($"tensor '{tensor.Name}' holds {literal.Data.Length} bytes, its shape says {expected}", Where);
    }

    private long ByteCount(TensorProto tensor)
    {
        ElementType type = (ElementType)tensor.DataType;
        try
        {
            long bytes = ShapeOf(tensor, Where).Aggregate((long)type.ByteSize(), (product, dim) => checked(product * dim.Size));
            return bytes <= Array.MaxLength ? bytes : throw new OverflowException();
        }
        catch (OverflowException)
        {
            throw Bad($"tensor '{tensor.Name}' claims more elements than memory can hold", Where);
        }
    }

    private byte[] ReadExternal(TensorProto tensor, string file, long expected)
    {
        string folder = path is null
            ? throw Bad($"tensor '{tensor.Name}' lies in the file '{file}', but the model was read from memory", Where)
            : Path.GetDirectoryName(path)!;
        long offset = Number(tensor, "offset", 0);
        long length = Number(tensor, "length", expected);
        if (length != expected)
        {
            throw Bad($"tensor '{tensor.Name}' has {length} bytes in '{file}', its shape says {expected}", Where);
        }

        try
        {
            using FileStream stream = File.OpenRead(ExternalFiles.Find(folder, file, out string? fault) ?? throw Bad($"tensor '{tensor.Name}' {fault}", Where));
            if (offset < 0 || offset > stream.Length - length)
            {
                throw Bad($"tensor '{tensor.Name}' lies at {offset} + {length} of '{file}', which ends at {stream.Length}", Where);
            }

            byte[] bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, $"the elements of tensor '{tensor.Name}' cannot be read from '{file}'",
                Where, e.Message, "the file beside the model", "copy it next to the model", e);
        }
    }

    private long Number(TensorProto tensor, string key, long fallback)
    {
        string? text = Entry(tensor, key);
        return text is null ? fallback
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw Bad($"tensor '{tensor.Name}' has the {key} '{text}'", Where);
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;

    private static CloudsException Bad(string what, string where) =>
        new(Failure.BadInput, what, where, next: "do not use this file; get the model again from where it came from");
}
