using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;

namespace Clouds.Training.Engine;

/// <summary>
/// What a source of batches fills for one step. Everything it writes, and everything it draws, has to be a function of seed and step: then a
/// resumed run sees what an uninterrupted one would have seen. Memory keeps what the last step left in it.
/// </summary>
public sealed class Batch
{
    private readonly PortBuffers _ports;
    private readonly ulong _seed;
    private readonly Action<string>? _run;

    internal Batch(PortBuffers ports, ulong seed, long step, Action<string>? run = null)
    {
        (_ports, _seed, _run) = (ports, seed, run);
        Step = step;
    }

    /// <summary>The step, from 0.</summary>
    public long Step { get; }

    /// <summary>The GPU in whose memory the ports lie; null: in the host's.</summary>
    public Gpu? Gpu => _ports.Gpu;

    /// <summary>The processes that share the step.</summary>
    public RankGroup Ranks { get; internal init; } = RankGroup.Alone;

    /// <summary>The memory of a port: its elements in C order, borrowed until the run ends.</summary>
    /// <exception cref="Diagnostics.CloudsException">Internal: no graph of the training has this port, or a graph fills it.</exception>
    public Memory<T> Of<T>(Port<T> port)
        where T : unmanaged => _ports.ToFill(port);

    /// <summary>
    /// Fills a port, or one of its rows, with uniform draws in [0, 1): the next ones of the stream, wherever they are drawn. On a GPU they never
    /// exist on the host. Calls from several threads may not share a stream.
    /// </summary>
    /// <param name="port">Float port.</param>
    /// <param name="random">Stream; it stands behind the draws afterwards.</param>
    /// <param name="row">The part to fill.</param>
    /// <param name="rows">Equal parts that the port's elements are cut into.</param>
    /// <returns>What was drawn, to be rearranged where that helps a processor; empty where a GPU draws.</returns>
    /// <exception cref="Diagnostics.CloudsException">Internal: as <see cref="Of"/>.</exception>
    public Span<float> Draw(Port<float> port, RandomStream random, int row = 0, int rows = 1) => _ports.Draw(port, row, rows, random);

    /// <summary>The step's random stream for a purpose.</summary>
    /// <param name="purpose">What is drawn, for instance "noise"; streams of different purposes are independent.</param>
    /// <param name="index">Number of the sample, or of whatever gets a stream of its own.</param>
    public RandomStream Random(string purpose, int index = 0) => new(_seed, purpose, Step, index);

    /// <summary>Runs a stage on demand on what its ports hold now; on a GPU it is on the way when this returns.</summary>
    /// <param name="stage">Name of the stage's graph.</param>
    /// <exception cref="Diagnostics.CloudsException">Internal: there is no such stage; Device: it failed.</exception>
    public void Run(string stage) => (_run ?? throw new InvalidOperationException("the batch has no stages"))(stage);

    /// <summary>What a stage gave, in the host's memory; with a <see cref="Gpu"/> <see cref="There"/> has it.</summary>
    /// <exception cref="Diagnostics.CloudsException">Internal: no stage gives this port.</exception>
    public ReadOnlySpan<T> Here<T>(Port<T> port)
        where T : unmanaged => _ports.Given(port).Given().Span;

    /// <summary>What a stage gave, in the memory of the <see cref="Gpu"/>.</summary>
    /// <exception cref="Diagnostics.CloudsException">Internal: no stage gives this port.</exception>
    public DeviceSpan<T> There<T>(Port<T> port)
        where T : unmanaged => _ports.Given(port).GivenThere();
}
