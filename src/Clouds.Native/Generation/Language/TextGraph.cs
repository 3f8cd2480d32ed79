using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Llama;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// A Llama in a session, with the keys and values of the text that it has seen: it is fed with tokens and then knows the scores of the next. A token more is
/// a run on memory that is there.
/// </summary>
internal sealed unsafe class TextGraph : IDisposable
{
    // What attention's scores of a call take: heads x tokens x context.
    private const int Chunk = 256;

    private readonly GraphSession _session;
    private readonly List<NativeBuffer> _memory = [];
    private readonly LlamaConfig _config;
    private readonly long[] _token = new long[1];
    private readonly long[] _position = new long[1];
    private readonly int[] _last = new int[1];
    private readonly int[] _total = new int[1];
    private readonly float[] _scores;
    private int _bound;

    /// <param name="config">Sizes.</param>
    /// <param name="form">How matrices are stored.</param>
    /// <param name="weights">The parameters; they outlive this object.</param>
    /// <param name="capacity">Tokens that it can see.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="settings">Threads.</param>
    public TextGraph(LlamaConfig config, BlockForm? form, SharedWeights weights, int capacity, Device device, SessionSettings settings)
    {
        (_config, Capacity, _scores) = (config, capacity, new float[config.Vocabulary]);
        GraphBuilder g = new("language model");
        Build(g, config, form, capacity);
        _session = device.CreateSession(OnnxModel.Write(g, weights.Weights.Elements), settings with { Weights = weights });
        _session.Bind<float>("logits", _scores, 1, config.Vocabulary);
        _session.Bind<int>("last", _last, 1);
        _session.Bind<int>("total", _total);
        BindCache();
    }

    /// <summary>Tokens that it can see.</summary>
    public int Capacity { get; }

    /// <summary>Tokens that it has seen.</summary>
    public int Seen { get; private set; }

    /// <summary>Scores of what follows the last token, one a token of the vocabulary; written over by the next call.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>The network's parameters.</summary>
    public static IReadOnlyCollection<Parameter> ParametersOf(LlamaConfig config, BlockForm? form)
    {
        GraphBuilder g = new("parameters");
        Build(g, config, form, capacity: 1);
        return g.Parameters;
    }

    /// <summary>Forgets all tokens from the given one on.</summary>
    public void Rewind(int seen = 0) => Seen = Math.Min(seen, Seen);

    /// <summary>Takes tokens in, several at once.</summary>
    /// <param name="tokens">One or more, as many as there is room for.</param>
    /// <param name="stop">Asked between calls.</param>
    public void Feed(ReadOnlySpan<int> tokens, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Seen + tokens.Length, Capacity);
        for (int done = 0; done < tokens.Length;)
        {
            ReadOnlySpan<int> chunk = tokens.Slice(done, Math.Min(Chunk, tokens.Length - done));
            if (chunk.Length == 1)
            {
                Step(chunk[0], stop);
            }
            else
            {
                Run(chunk, stop);
            }

            done += chunk.Length;
        }
    }

    /// <summary>Takes one token in.</summary>
    public void Step(int token, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Seen, Capacity);
        if (_bound != 1)
        {
            Bind(_token, _position);
        }

        (_token[0], _position[0]) = (token, Seen);
        Run(1, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _memory.ForEach(memory => memory.Dispose());
    }

    private static void Build(GraphBuilder g, LlamaConfig config, BlockForm? form, int capacity)
    {
        Value tokens = g.Input("tokens", ElementType.Int64, [1, "T"]);
        g.Output("logits", new LlamaNetwork(config, form).Continue(g, tokens, new LlamaCache(g, config, tokens, capacity)));
    }

    private void Run(ReadOnlySpan<int> tokens, CancellationToken stop)
    {
        long[] ids = new long[tokens.Length], positions = new long[tokens.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            (ids[i], positions[i]) = (tokens[i], Seen + i);
        }

        Bind(ids, positions);
        Run(ids.Length, stop);
    }

    private void Run(int count, CancellationToken stop)
    {
        int seen = Seen + count;
        (_last[0], _total[0]) = (seen - 1, seen);
        _session.Run(stop);
        Seen = seen;
    }

    private void Bind(long[] ids, long[] positions)
    {
        _session.Bind<long>("tokens", ids, 1, ids.Length);
        _session.Bind<long>("positions", positions, positions.Length);
        _bound = ids.Length;
    }

    // Pages of the cache are taken when the first token is written to them.
    private void BindCache()
    {
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            foreach (string part in (string[])["key", "value"])
            {
                GraphPort port = _session.Port($"past.{layer}.{part}");
                NativeBuffer memory = new(port.Elements * sizeof(float), clear: false);
                _memory.Add(memory);
                _session.Bind(port.Name, (float*)memory.Pointer, port.Shape);
                _session.Bind($"present.{layer}.{part}", (float*)memory.Pointer, port.Shape);
            }
        }
    }
}
