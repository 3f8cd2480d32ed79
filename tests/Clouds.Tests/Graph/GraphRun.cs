using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Graph;

/// <summary>
/// A graph opened in ONNX Runtime on the CPU, our operators as their lowerings. Every run also checks that the shapes and types which the
/// builder inferred are those that the runtime delivers.
/// </summary>
internal sealed class GraphRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly GraphBuilder? _graph;

    public GraphRun(GraphBuilder graph)
        : this(OnnxModel.Write(graph)) => _graph = graph;

    public GraphRun(byte[] model) => _session = new InferenceSession(model, Options());

    public GraphRun(string path) => _session = new InferenceSession(path, Options());

    /// <summary>Opens, runs once and closes.</summary>
    public static Dictionary<string, TestTensor> Once(GraphBuilder graph, params (string Name, TestTensor Value)[] feeds)
    {
        using GraphRun run = new(graph);
        return run.Run(feeds);
    }

    public Dictionary<string, TestTensor> Run(params (string Name, TestTensor Value)[] feeds)
    {
        // Inputs that no output needs are not in the model.
        (string Name, TestTensor Value)[] known = [.. feeds.Where(feed => _session.InputMetadata.ContainsKey(feed.Name))];
        using DisposableList<OrtValue> values = [.. known.Select(feed => feed.Value.ToOrt())];
        using RunOptions options = new();
        string[] names = [.. _session.OutputNames];
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, [.. known.Select(feed => feed.Name)], values, names);
        Dictionary<string, TestTensor> results = names.Zip(outputs, (name, value) => (name, TestTensor.FromOrt(value))).ToDictionary();
        CheckShapes(feeds, results);
        return results;
    }

    public void Dispose() => _session.Dispose();

    private static SessionOptions Options()
    {
        SessionOptions options = new()
        {
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
        };
        return options;
    }

    private void CheckShapes((string Name, TestTensor Value)[] feeds, Dictionary<string, TestTensor> results)
    {
        if (_graph is null)
        {
            return;
        }

        Dictionary<string, long> symbols = SymbolicExtents.Bind(_graph.Inputs, feeds);
        foreach ((string name, Value value) in _graph.Outputs)
        {
            Assert.Equal(value.Type, results[name].Type);
            Assert.Equal([.. value.Shape.Select(dim => SymbolicExtents.Evaluate(dim, symbols))], results[name].Sizes);
        }
    }

    private sealed class DisposableList<T> : List<T>, IDisposable
        where T : IDisposable
    {
        public void Dispose() => ForEach(item => item.Dispose());
    }
}
