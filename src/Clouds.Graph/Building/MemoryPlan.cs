namespace Clouds.Graph.Building;

/// <summary>What one node does to the memory of values, in this order: buffers come, the node runs, buffers go.</summary>
/// <param name="Node">The node.</param>
/// <param name="Allocated">Buffers that its outputs begin.</param>
/// <param name="Freed">Buffers that nobody needs any more.</param>
public sealed record MemoryStep(ExecutedNode Node, IReadOnlyList<PlannedBuffer> Allocated, IReadOnlyList<PlannedBuffer> Freed);

/// <summary>Memory that one value after another lives in.</summary>
/// <param name="Number">Number in the plan.</param>
/// <param name="Bytes">Length.</param>
public sealed record PlannedBuffer(int Number, long Bytes);

/// <summary>
/// The memory that the values between a graph's inputs and outputs take when ONNX Runtime runs it. Its rules (allocation_planner.cc): a view shares its
/// input's buffer; an element-wise node writes over an input that it is the last to read; any other value takes a buffer of the same shape that is
/// idle, the latest first, and that buffer is held in between; only then comes a new one. A buffer goes with the last reader of its last value.
/// </summary>
public sealed class MemoryPlan
{
    private static readonly HashSet<string> Views = ["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"];

    private static readonly HashSet<string> InPlace =
    [
        "Abs", "Ceil", "Gelu", "Clip", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "LeakyRelu", "Log", "Neg", "Not", "Reciprocal", "Relu", "Round",
        "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "Tanh", "Add", "Sub", "Mul", "Div", "ScatterElements", "ScatterND",
    ];

    private readonly Dictionary<Value, Buffer> _bufferOf = [];
    private readonly List<Buffer> _buffers = [];
    private readonly LinkedList<Buffer> _idle = [];
    private readonly Dictionary<Value, int> _uses = [];

    private MemoryPlan(IReadOnlyList<ExecutedNode> order, HashSet<Value> constants, HashSet<Value> outputs)
    {
        Constants = [.. order.SelectMany(node => node.Inputs).Where(constants.Contains).Distinct()];
        foreach (Value input in order.SelectMany(node => node.Inputs))
        {
            _uses[input] = _uses.GetValueOrDefault(input) + 1;
        }

        for (int i = 0; i < order.Count; i++)
        {
            ExecutedNode node = order[i];
            foreach (Value output in node.Node.Outputs.Where(output => !outputs.Contains(output)))
            {
                Place(node, output, i);
            }

            foreach (Value value in node.Inputs.Concat(node.Node.Outputs))
            {
                Release(value, i);
            }
        }

        ILookup<int, Buffer> begun = _buffers.ToLookup(buffer => buffer.Begin), ended = _buffers.ToLookup(buffer => buffer.End);
        Steps = [.. order.Select((node, i) => new MemoryStep(node, Planned(begun[i]), Planned(ended[i])))];
    }

    /// <summary>Constants that a node reads, those that are computed beforehand among them.</summary>
    public IReadOnlyList<Value> Constants { get; }

    /// <summary>Nodes in the order of execution.</summary>
    public IReadOnlyList<MemoryStep> Steps { get; }

    /// <summary>Most bytes in buffers at a time.</summary>
    public long PeakBytes
    {
        get
        {
            long live = 0, peak = 0;
            foreach (MemoryStep step in Steps)
            {
                peak = Math.Max(peak, live += step.Allocated.Sum(buffer => buffer.Bytes));
                live -= step.Freed.Sum(buffer => buffer.Bytes);
            }

            return peak;
        }
    }

    /// <summary>Bytes of a value's elements.</summary>
    public static long BytesOf(Value value) => value.Shape.ElementCount * value.Type.ByteSize();

    /// <summary>Plans a graph whose extents are all numbers.</summary>
    public static MemoryPlan Of(GraphBuilder graph) => Of(graph, new ExecutedNodes(graph));

    private static MemoryPlan Of(GraphBuilder graph, ExecutedNodes nodes)
        => new(nodes.Ordered(), nodes.Constants, [.. graph.Outputs.Select(output => output.Value)]);

    private static IReadOnlyList<PlannedBuffer> Planned(IEnumerable<Buffer> buffers)
        => [.. buffers.Select(buffer => new PlannedBuffer(buffer.Number, BytesOf(buffer.First)))];

    private static bool SameSize(Value a, Value b) => a.Type.ByteSize() == b.Type.ByteSize() && a.Shape.Equals(b.Shape);

    // A view of an input, a parameter or a constant lies in no buffer.
    private void Place(ExecutedNode node, Value output, int step)
    {
        Buffer? buffer = Views.Contains(node.Node.Op)
            ? _bufferOf.GetValueOrDefault(node.Inputs[0])
            : Overwritten(node, output) ?? Idle(output) ?? Begin(output, step);
        if (buffer is not null)
        {
            _bufferOf.Add(output, buffer);

            // The node that computes it counts as one of its users.
            buffer.Uses += _uses.GetValueOrDefault(output) + 1;
        }
    }

    private Buffer? Overwritten(ExecutedNode node, Value output)
    {
        bool scatters = node.Node.Op.StartsWith("Scatter", StringComparison.Ordinal);
        int inputs = !InPlace.Contains(node.Node.Op) || node.Node.Domain.Length > 0 ? 0 : scatters ? 1 : 2;
        return node.Inputs.Take(inputs).Where(input => SameSize(input, output))
            .Select(input => _bufferOf.GetValueOrDefault(input)).FirstOrDefault(buffer => buffer is { Uses: 1 });
    }

    private Buffer? Idle(Value output)
    {
        Buffer? idle = output.Shape.Rank == 0 ? null : _idle.FirstOrDefault(buffer => SameSize(buffer.First, output));
        if (idle is not null)
        {
            _idle.Remove(idle);
        }

        return idle;
    }

    private Buffer Begin(Value output, int step)
    {
        _buffers.Add(new Buffer(_buffers.Count, output, step));
        return _buffers[^1];
    }

    private void Release(Value value, int step)
    {
        if (_bufferOf.TryGetValue(value, out Buffer? buffer))
        {
            buffer.End = step;
            if (--buffer.Uses == 0)
            {
                _idle.AddFirst(buffer);
            }
        }
    }

    private sealed class Buffer(int number, Value first, int begin)
    {
        public int Number { get; } = number;

        public Value First { get; } = first;

        public int Begin { get; } = begin;

        public int End { get; set; }

        public int Uses { get; set; }
    }
}
