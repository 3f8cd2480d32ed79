using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Runs a graph once.</summary>
internal static class GraphRun
{
    /// <summary>Feeds every input and parameter by name, runs, and returns every output by name.</summary>
    public static IReadOnlyDictionary<string, GoldenTensor> Run(
        GraphBuilder graph, Device device, Func<string, GoldenTensor> input, Func<Parameter, float[]> weight, CancellationToken cancellation)
    {
        using GraphSession session = device.CreateSession(OnnxModel.Write(graph));
        HashSet<string> ports = [.. session.Inputs.Select(port => port.Name)];
        foreach (Value value in graph.Inputs.Where(value => ports.Contains(value.Name)))
        {
            Feed(session, value, input(value.Name));
        }

        foreach (Parameter parameter in graph.Parameters.Where(parameter => ports.Contains(parameter.Name)))
        {
            session.Bind<float>(parameter.Name, weight(parameter), parameter.Shape.Sizes);
        }

        Dictionary<string, Func<GoldenTensor>> outputs =
            graph.Outputs.ToDictionary(output => output.Name, output => Receive(session, output.Name, output.Value));
        session.Run(cancellation);
        return outputs.ToDictionary(output => output.Key, output => output.Value());
    }

    /// <summary>Binds a tensor to an input.</summary>
    public static void Feed(GraphSession session, Value value, GoldenTensor tensor)
    {
        long[] sizes = value.Shape.Sizes;
        switch (value.Type)
        {
            case ElementType.Int64:
                session.Bind<long>(value.Name, tensor.AsIntegers(), sizes);
                break;
            case ElementType.UInt8:
                session.Bind<byte>(value.Name, Array.ConvertAll(tensor.AsIntegers(), element => (byte)element), sizes);
                break;
            default:
                session.Bind<float>(value.Name, tensor.AsFloats(), sizes);
                break;
        }
    }

    private static Func<GoldenTensor> Receive(GraphSession session, string name, Value value)
    {
        long[] sizes = value.Shape.Sizes;
        switch (value.Type)
        {
            case ElementType.Int64:
                long[] integers = new long[value.Shape.ElementCount];
                session.Bind<long>(name, integers, sizes);
                return () => new GoldenTensor(integers, sizes);
            case ElementType.Bool:
                bool[] truths = new bool[value.Shape.ElementCount];
                session.Bind<bool>(name, truths, sizes);
                return () => new GoldenTensor(truths, sizes);
            default:
                float[] floats = new float[value.Shape.ElementCount];
                session.Bind<float>(name, floats, sizes);
                return () => new GoldenTensor(floats, sizes);
        }
    }
}
