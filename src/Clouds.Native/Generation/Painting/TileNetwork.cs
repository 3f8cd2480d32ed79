using Clouds.Graph.Building;
using Clouds.Models.Diffusion.Tiling;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>A network over the tiles of a map: one session for each size of tile, shared by all tiles of that size. Dispose it.</summary>
/// <param name="networks">The networks; they outlive this object.</param>
/// <param name="grid">The tiles.</param>
/// <param name="channels">Channels of a tile.</param>
/// <param name="build">The network: [1, C, h, w] to [1, D, h', w'].</param>
internal sealed class TileNetwork(DiffusionNetworks networks, TileGrid grid, int channels, Func<GraphBuilder, Value, Value> build) : IDisposable
{
    private const string In = "tile", Out = "answer";

    private readonly Dictionary<(int Height, int Width, bool Half), GraphSession> _sessions = [];
    private readonly OwnedParts _memory = new();

    /// <summary>Name of a tile as a port of the graphs that cut and join.</summary>
    public static string Port(int tile) => $"tile.{tile}";

    /// <summary>Memory of every tile, for the session that cuts.</summary>
    public IReadOnlyList<TensorMemory<float>> Tiles { get; private set; } = [];

    /// <summary>Memory of every answer, for the session that joins.</summary>
    public IReadOnlyList<TensorMemory<float>> Answers { get; private set; } = [];

    /// <summary>Makes the memory.</summary>
    /// <param name="answers">Elements of an answer by the tile's rows and columns.</param>
    /// <returns>Itself.</returns>
    public TileNetwork Allocate(Func<int, int, long> answers)
    {
        TensorMemory<float> Add(long length) => _memory.Add(() => new TensorMemory<float>(networks.Device, length));
        Tiles = [.. grid.Tiles.Select(at => Add((long)channels * at.Rows.Length * at.Columns.Length))];
        Answers = [.. grid.Tiles.Select(at => Add(answers(at.Rows.Length, at.Columns.Length)))];
        return this;
    }

    /// <summary>Runs it on every tile.</summary>
    /// <param name="half">Whether in half precision.</param>
    /// <param name="stop">Ends it.</param>
    public void Run(bool half, CancellationToken stop)
    {
        for (int i = 0; i < Tiles.Count; i++)
        {
            (TileSpan rows, TileSpan columns) = grid.Tiles[i];
            GraphSession session = Session(rows.Length, columns.Length, half);
            Tiles[i].Bind(session, In, session.Port(In).Shape);
            Answers[i].Bind(session, Out, session.Port(Out).Shape);
            session.Run(stop);
        }
    }

    public void Dispose()
    {
        foreach (GraphSession session in _sessions.Values)
        {
            session.Dispose();
        }

        _memory.Dispose();
    }

    private GraphSession Session(int height, int width, bool half)
    {
        if (!_sessions.TryGetValue((height, width, half), out GraphSession? session))
        {
            GraphBuilder g = new("tile");
            g.Output(Out, build(g, g.Input(In, ElementType.Float, [1, channels, height, width])));
            _sessions.Add((height, width, half), session = networks.Open(g, DiffusionPart.Autoencoder, half));
        }

        return session;
    }
}
