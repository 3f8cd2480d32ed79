using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Google.Protobuf;

namespace Clouds.Graph.Onnx;

/// <summary>
/// Reads ONNX models. <see cref="Summarize(string)"/> works for any model; <see cref="Read(string)"/> needs what <see cref="OnnxModel"/> writes:
/// every value with its type and shape. Nothing in a file is trusted: all failures are <see cref="Failure.BadInput"/>.
/// </summary>
public static class OnnxReader
{
    /// <summary>Reads a model file as a graph. Elements in files beside the model are read too.</summary>
    /// <remarks>
    /// Parameters come back as what they were written as: inputs, or constants that keep their names. Marks that stop gradients are not part of
    /// the format and are lost.
    /// </remarks>
    /// <exception cref="CloudsException">The file is missing, damaged or hostile, or lacks the types and shapes of its values.</exception>
    public static GraphBuilder Read(string path)
    {
        string full = Path.GetFullPath(path);
        return Read(Parse(Load(full), full), full);
    }

    /// <summary>Reads a model from memory; external data is refused.</summary>
    /// <exception cref="CloudsException">As for a file.</exception>
    public static GraphBuilder Read(ReadOnlyMemory<byte> model) => Read(Parse(model, "model in memory"), null);

    /// <summary>What a model file declares. Elements are neither read nor checked.</summary>
    /// <exception cref="CloudsException">The file is missing or no ONNX model.</exception>
    public static OnnxSummary Summarize(string path)
    {
        string full = Path.GetFullPath(path);
        return Summarize(Parse(Load(full), full), full);
    }

    /// <summary>What a model in memory declares.</summary>
    /// <exception cref="CloudsException">The bytes are no ONNX model.</exception>
    public static OnnxSummary Summarize(ReadOnlyMemory<byte> model) => Summarize(Parse(model, "model in memory"), "model in memory");

    private static byte[] Load(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.BadInput, "the model file cannot be read", path, e.Message, "an ONNX file of less than 2 GB", "check the path and the permissions", e);
        }
    }

    private static ModelProto Parse(ReadOnlyMemory<byte> bytes, string where)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CloudsException(
                Failure.BadInput, "the file is no ONNX model, or was cut off", where, e.Message, "an ONNX model", "copy or export the model again", e);
        }

        return model.Graph is not null && model.OpsetImport.Count > 0
            ? model
            : throw new CloudsException(
                Failure.BadInput, "the file holds no ONNX graph", where, $"{bytes.Length} bytes", "an ONNX model", "copy or export the model again");
    }

    private static GraphBuilder Read(ModelProto model, string? path)
    {
        try
        {
            return new GraphReader(model, path).Read();
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException or OverflowException)
        {
            throw new CloudsException(Failure.BadInput, "the model does not describe a graph that can be read here",
                path ?? "model in memory", e.Message, "a model written by Clouds.Native", null, e);
        }
    }

    private static OnnxSummary Summarize(ModelProto model, string where)
    {
        GraphProto graph = model.Graph;
        HashSet<string> stored = [.. graph.Initializer.Select(tensor => tensor.Name)];
        Dictionary<string, long> opsets = [];
        foreach (OperatorSetIdProto opset in model.OpsetImport)
        {
            opsets[opset.Domain] = opset.Version;
        }

        return new OnnxSummary(
            graph.Name,
            model.ProducerName,
            model.IrVersion,
            opsets,
            [.. graph.Input.Where(input => !stored.Contains(input.Name)).Select(TensorReader.Describe)],
            [.. graph.Output.Select(TensorReader.Describe)],
            [.. graph.Initializer.Select(tensor => new OnnxInitializer(
                tensor.Name, (ElementType)tensor.DataType, TensorReader.ShapeOf(tensor, where), TensorReader.ExternalFile(tensor)))],
            [.. graph.Node.Select(node => node.Domain).Where(domain => domain is not ("" or "ai.onnx")).Distinct()],
            graph.Node.Count);
    }
}
