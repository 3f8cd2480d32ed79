using Clouds.Graph.Randomness;

namespace Clouds.Training.Engine;

/// <summary>
/// What a source of batches fills for one step. Everything it writes, and everything it draws, has to be a function of seed and step: then a
/// resumed run sees what an uninterrupted one would have seen. Memory keeps what the last step left in it.
/// </summary>
public sealed class Batch
{
    private readonly PortBuffers _ports;
    private readonly ulong _seed;

    internal Batch(PortBuffers ports, ulong seed, long step)
    {
        _ports = ports;
        _seed = seed;
        Step = step;
    }

    /// <summary>The step, from 0.</summary>
    public long Step { get; }

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
}
