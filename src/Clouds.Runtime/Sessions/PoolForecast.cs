using Clouds.Graph.Building;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// Foretells how much device memory a graph's values take between its inputs and outputs, which lie elsewhere: every value from the node that makes
/// it to its last reader, in the order of the nodes, in ONNX Runtime's pool. Within a tenth for the networks of the paper (decision 27).
/// </summary>
public sealed class PoolForecast
{
    // Their output is their input's memory.
    private static readonly HashSet<string> Views = ["Reshape", "Squeeze", "Unsqueeze", "Identity"];

    private readonly Dictionary<Value, Value> _views = [];
    private readonly Dictionary<Value, Node> _lastReader = [];
    private readonly Dictionary<Value, DevicePool.Chunk> _held = [];
    private readonly HashSet<Value> _elsewhere;
    private readonly DevicePool _pool;

    private PoolForecast(GraphBuilder graph, ArenaGrowth growth)
    {
        _pool = new DevicePool(growth);
        foreach (Node node in graph.Nodes)
        {
            foreach (Value input in Read(node))
            {
                _lastReader[input] = node;
            }

            if (Views.Contains(node.Op))
            {
                _views[node.Outputs[0]] = Owner(node.Input(0));
            }
        }

        _elsewhere = [.. graph.Outputs.Select(output => Owner(output.Value))];
    }

    /// <summary>Bytes that the pool of a session of this graph has taken after a run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="growth">How the pool grows.</param>
    public static long Bytes(GraphBuilder graph, ArenaGrowth growth)
    {
        PoolForecast forecast = new(graph, growth);
        foreach (Node node in graph.Nodes)
        {
            forecast.Run(node);
        }

        return forecast._pool.Bytes;
    }

    private void Run(Node node)
    {
        foreach (Value output in node.Outputs.Where(output => !_views.ContainsKey(output) && !_elsewhere.Contains(output)))
        {
            _held[output] = _pool.Allocate(output.Shape.ElementCount * output.Type.ByteSize());
        }

        // An output that nobody reads is free at once.
        foreach (Value value in Read(node).Where(input => _lastReader[input] == node).Concat(node.Outputs.Where(output => !_lastReader.ContainsKey(output))))
        {
            if (_held.Remove(value, out DevicePool.Chunk? chunk))
            {
                _pool.Free(chunk);
            }
        }
    }

    private IEnumerable<Value> Read(Node node) => node.Inputs.OfType<Value>().Select(Owner).Distinct();

    private Value Owner(Value value) => _views.GetValueOrDefault(value, value);
}
