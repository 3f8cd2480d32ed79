using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Native.Verification.Modules;

/// <summary>Runs a graph once.</summary>
internal static class GraphRun
{
    /// <summary>Feeds every input and parameter, runs, and returns every output by name.</summary>
    public static IReadOnlyDictionary<string, GoldenTensor> Run(
        GraphBuilder graph, VerifyDevice device, Func<string, GoldenTensor> input, Func<Parameter, float[]> weight, CancellationToken cancellation)
    {
        using SessionOptions options = new() { EnableMemoryPattern = false };
        using InferenceSession session = new(OnnxModel.Write(graph), options);
        Dictionary<string, OrtValue> feeds = [];
        foreach (Value value in graph.Inputs.Where(v => session.InputMetadata.ContainsKey(v.Name)))
        {
            GoldenTensor t = input(value.Name);
            long[] sizes = value.Shape.Sizes;
            feeds[value.Name] = value.Type switch
            {
                ElementType.Int64 => OrtValue.CreateTensorValueFromMemory(t.AsIntegers(), sizes),
                ElementType.UInt8 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(t.AsIntegers(), i => (byte)i), sizes),
                _ => OrtValue.CreateTensorValueFromMemory(t.AsFloats(), sizes),
            };
        }

        foreach (Parameter parameter in graph.Parameters.Where(p => session.InputMetadata.ContainsKey(p.Name)))
        {
            feeds[parameter.Name] = OrtValue.CreateTensorValueFromMemory(weight(parameter), parameter.Shape.Sizes);
        }

        string[] names = [.. graph.Outputs.Select(output => output.Name)];
        using RunOptions run = new();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, feeds, names);
        Dictionary<string, GoldenTensor> outputs = [];
        for (int i = 0; i < names.Length; i++)
        {
            long[] shape = results[i].GetTensorTypeAndShape().Shape;
            outputs[names[i]] = graph.Outputs[i].Value.Type switch
            {
                ElementType.Int64 => new GoldenTensor(results[i].GetTensorDataAsSpan<long>().ToArray(), shape),
                ElementType.Bool => new GoldenTensor(results[i].GetTensorDataAsSpan<bool>().ToArray(), shape),
                _ => new GoldenTensor(results[i].GetTensorDataAsSpan<float>().ToArray(), shape),
            };
        }

        return outputs;
    }
}
