using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// The memory of a GPU, or of the processor, that buffers of ours and sessions will take, computed from their graphs before any of it is taken: shared
/// weights, and for each session the pool that its plan of values makes grow (docs/platform.md section 2). Not in it: the driver's context, kernels'
/// code and the workspaces of cuBLAS and cuDNN, some hundred MB.
/// </summary>
public sealed class MemoryForecast
{
    // The program itself, with .NET and ONNX Runtime: measured at 140 to 155 MB beside trainings of 43 to 412 MB.
    private const long Program = 150L << 20;

    // From here on a pool grows by whole gigabytes, all of which are touched within two steps: measured on trained encoders, decision 50.
    private const long WholeRegions = 1L << 30;

    // Scratch memory of the processor's kernels comes from the pool too; measured in first steps: a tenth of what is planned.
    private const double Scratch = 0.1;

    private readonly HashSet<FrozenWeights> _weights = [];
    private readonly List<(Session OnGpu, Session OnHost)> _sessions = [];
    private long _buffers;
    private long _taken;

    /// <summary>Counts a buffer.</summary>
    public void AddBuffer(long bytes) => _buffers += bytes;

    /// <summary>Counts what sessions share of frozen weights; the same weights count once.</summary>
    public void AddWeights(FrozenWeights weights)
    {
        if (_weights.Add(weights))
        {
            _buffers += weights.Tensors.Where(SharedWeights.IsOnDevice).Sum(tensor => tensor.Bytes);
        }
    }

    /// <summary>Counts a session.</summary>
    /// <param name="graph">Its graph; extents are numbers.</param>
    /// <param name="weights">
    /// Weights among which are its constants; those that sessions share are counted by <see cref="AddWeights"/>. Null: none.
    /// </param>
    public void AddSession(GraphBuilder graph, FrozenWeights? weights)
    {
        GraphBuilder onGpu = LoweredGraph.Of(graph);
        Session host = Planned(graph, weights);
        _sessions.Add((onGpu == graph ? host : Planned(onGpu, weights), host));
    }

    private static Session Planned(GraphBuilder graph, FrozenWeights? weights)
    {
        MemoryPlan plan = MemoryPlan.Of(graph);
        Dictionary<string, Parameter> parameters = graph.Parameters.ToDictionary(parameter => parameter.Name);
        IEnumerable<Value> own = (weights?.Tensors ?? []).Where(tensor => !SharedWeights.IsOnDevice(tensor) || tensor.Type != WeightType.F32)
            .Where(tensor => parameters.ContainsKey(tensor.Name)).Select(tensor => parameters[tensor.Name].Value);
        return new Session(plan, [.. own.Concat(plan.Constants.Where(IsOnDevice)).Select(MemoryPlan.BytesOf)]);
    }

    /// <summary>Bytes in all.</summary>
    /// <param name="growth">How the sessions' pools grow.</param>
    public long Bytes(ArenaGrowth growth) => _buffers + _sessions.Sum(session => PoolBytes(session.OnGpu, growth));

    /// <summary>Bytes in all on a device, as its sessions' pools grow.</summary>
    public long Bytes(Device device) => Bytes(device.Cuda.ArenaGrowth);

    /// <summary>
    /// Bytes in all on a processor, the program included. Its pool takes whole regions too, but memory that nobody touches is not there: of small pools what
    /// is asked for counts, of large ones their regions. Weights count twice: as they are mapped, while sessions are made, and as kernels lay them out.
    /// </summary>
    public long HostBytes => Program + _buffers + _sessions.Sum(session => HostPoolBytes(session.OnHost))
        + _weights.Sum(weights => weights.Tensors.Sum(tensor => tensor.Bytes));

    /// <summary>Refuses what does not fit into the memory that the processor has free, and tells how much it takes.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="what">What wants the memory, as the beginning of a sentence.</param>
    /// <param name="next">What to make smaller.</param>
    /// <param name="accept">Tell instead of refusing.</param>
    /// <param name="tell">Told in a sentence; null: nobody.</param>
    /// <exception cref="CloudsException">Device: it does not fit.</exception>
    public void RequireHost(HostMemory memory, string what, string next, bool accept, Action<string>? tell)
    {
        long wanted = HostBytes;
        if (wanted > memory.Free && !accept)
        {
            throw new CloudsException(Failure.Device, $"{what} does not fit into the memory of this machine", "cpu",
                $"about {Gibibytes(wanted)}", $"at most {Gibibytes(memory.Free)}, which are free of {Gibibytes(memory.Total)}", next);
        }

        tell?.Invoke($"{what} takes about {Gibibytes(wanted)} of memory, of which {Gibibytes(memory.Free)} of {Gibibytes(memory.Total)} are free");
    }

    /// <summary>What was counted so far is taken already: it need not be free any more.</summary>
    public void MarkTaken(Device device) => _taken = Bytes(device);

    /// <summary>Refuses what no growth of the pools makes fit into the GPU's memory, and tells the user where memory that it wants is not free.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="what">What wants the memory, as the beginning of a sentence.</param>
    /// <param name="next">What to make smaller.</param>
    /// <param name="always">Tell how much it takes also where so much is free.</param>
    /// <exception cref="CloudsException">Device: it does not fit.</exception>
    public void Require(Device device, string what, string next, bool always = false)
    {
        (long free, long total) = device.Memory;
        long wanted = Bytes(device), least = Math.Min(wanted, Bytes(ArenaGrowth.SameAsRequested));
        if (least > total)
        {
            throw new CloudsException(Failure.Device, $"{what} does not fit into the GPU's memory", device.ToString(),
                found: Gibibytes(least), expected: $"at most {Gibibytes(total)}", next: next);
        }

        bool scarce = wanted - _taken > free;
        if (scarce || always)
        {
            string sentence = $"{what} takes {Gibibytes(wanted)} of the GPU's memory, of which {Gibibytes(free)} of {Gibibytes(total)} are free";
            device.Tell(scarce ? $"{sentence}: {next}" : sentence);
        }
    }

    private static long HostPoolBytes(Session session)
    {
        long requested = PoolBytes(session, ArenaGrowth.SameAsRequested, Scratch);
        return requested < WholeRegions ? requested : Math.Max(requested, PoolBytes(session, ArenaGrowth.NextPowerOfTwo, Scratch));
    }

    private static long PoolBytes(Session session, ArenaGrowth growth, double scratch = 0)
    {
        DevicePool pool = new(growth);
        foreach (long constant in session.Constants)
        {
            pool.Allocate(constant);
        }

        Run(pool, session.Plan, 1 + scratch);
        return pool.Bytes;
    }

    private static void Run(DevicePool pool, MemoryPlan plan, double share)
    {
        Dictionary<PlannedBuffer, DevicePool.Chunk> chunks = [];
        foreach (MemoryStep step in plan.Steps)
        {
            foreach (PlannedBuffer buffer in step.Allocated)
            {
                chunks[buffer] = pool.Allocate((long)(share * buffer.Bytes));
            }

            Array.ForEach([.. NodeScratch.Of(step.Node.Node).Select(pool.Allocate)], pool.Free);
            foreach (PlannedBuffer buffer in step.Freed)
            {
                pool.Free(chunks[buffer]);
            }
        }
    }

    private sealed record Session(MemoryPlan Plan, IReadOnlyList<long> Constants);

    // Whole numbers are shapes and indices, which kernels read on the host.
    private static bool IsOnDevice(Value constant) => constant.Type is not (ElementType.Int64 or ElementType.Int32);

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
