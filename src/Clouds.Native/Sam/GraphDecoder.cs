using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>
/// The weight file's own decoder. A batch is cut into parts of 1, 2, 4, ... prompts, the largest first, so that a few sessions serve every number of them.
/// </summary>
internal sealed class GraphDecoder(SamModel model, Device device, SessionSettings settings) : IPromptDecoder
{
    // A session holds activations; people who click ask with one point, then with two, a refinement always with as many.
    private const int KeptSessions = 6;

    private readonly LinkedList<DecoderSession> _sessions = [];

    public int Masks => 1 + model.Config.Decoder.Masks;

    public (float[] Logits, float[] Scores) Run(float[] embedding, PromptTokens prompts, CancellationToken cancellation)
    {
        int side = 4 * model.Config.Encoder.Grid;
        float[] logits = new float[(long)prompts.Count * Masks * side * side];
        float[] scores = new float[prompts.Count * Masks];
        for (int from = 0; from < prompts.Count;)
        {
            int count = 1 << (int)Math.Log2(prompts.Count - from);
            DecoderSession session = Session(count, prompts.Points, prompts.Masks is not null);
            session.Run(embedding, prompts.Slice(from, count), cancellation);
            session.Logits.CopyTo(logits, from * Masks * side * side);
            session.Scores.CopyTo(scores, from * Masks);
            from += count;
        }

        return (logits, scores);
    }

    public void Dispose()
    {
        foreach (DecoderSession session in _sessions)
        {
            session.Dispose();
        }
    }

    private DecoderSession Session(int prompts, int points, bool withMask)
    {
        DecoderSession session = _sessions.FirstOrDefault(open => open.Fits(prompts, points, withMask))
            ?? new DecoderSession(model, device, settings, prompts, points, withMask);
        _sessions.Remove(session);
        _sessions.AddFirst(session);
        if (_sessions.Count > KeptSessions)
        {
            _sessions.Last!.Value.Dispose();
            _sessions.RemoveLast();
        }

        return session;
    }
}

/// <summary>The decoder for one number of prompts and points.</summary>
internal sealed class DecoderSession : IDisposable
{
    private readonly GraphSession _session;
    private readonly (int Prompts, int Points, bool WithMask) _shape;
    private readonly float[] _embedding;
    private readonly float[] _places;
    private readonly long[] _labels;
    private readonly float[] _masks;

    public DecoderSession(SamModel model, Device device, SessionSettings settings, int prompts, int points, bool withMask)
    {
        _shape = (prompts, points, withMask);
        (long channels, long grid) = (model.Config.Encoder.Channels, model.Config.Encoder.Grid);
        GraphBuilder g = new("prompts");
        Value embedding = g.Input("embedding", ElementType.Float, [1, channels, grid, grid]);
        Value places = g.Input("points", ElementType.Float, [prompts, points, 2]);
        Value labels = g.Input("labels", ElementType.Int64, [prompts, points]);
        Value? mask = withMask ? g.Input("mask", ElementType.Float, [prompts, 1, 4 * grid, 4 * grid]) : null;
        MaskPrediction answer = new SegmentAnythingNetwork(model.Config).Predict(g, embedding, places, labels, mask);
        g.Output("masks", answer.Masks);
        g.Output("scores", answer.Scores);
        _session = device.CreateSession(OnnxModel.Write(g, model.Weights.Weights.Elements), settings with { Weights = model.Weights });
        _embedding = Bind<float>("embedding");
        _places = Bind<float>("points");
        _labels = Bind<long>("labels");
        _masks = withMask ? Bind<float>("mask") : [];
        Logits = Bind<float>("masks");
        Scores = Bind<float>("scores");
    }

    /// <summary>[prompts, masks, side, side] of the last run.</summary>
    public float[] Logits { get; }

    /// <summary>[prompts, masks] of the last run.</summary>
    public float[] Scores { get; }

    public bool Fits(int prompts, int points, bool withMask) => _shape == (prompts, points, withMask);

    public void Run(float[] embedding, PromptTokens prompts, CancellationToken cancellation)
    {
        embedding.CopyTo(_embedding, 0);
        prompts.Places.CopyTo(_places, 0);
        prompts.Labels.CopyTo(_labels, 0);
        prompts.Masks?.CopyTo(_masks, 0);
        _session.Run(cancellation);
    }

    public void Dispose() => _session.Dispose();

    private T[] Bind<T>(string name)
        where T : unmanaged
    {
        GraphPort port = _session.Port(name);
        T[] buffer = new T[port.Elements];
        _session.Bind<T>(name, buffer, port.Shape);
        return buffer;
    }
}
