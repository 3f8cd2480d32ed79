using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>The weight file's own decoder.</summary>
internal sealed class GraphDecoder(SamModel model, Device device, SessionSettings settings) : IPromptDecoder
{
    private readonly RecentSessions<PromptShape, DecoderSession> _sessions = new(shape => new DecoderSession(model, device, settings, shape));

    public int Masks => 1 + model.Config.Decoder.Masks;

    public (float[] Logits, float[] Scores) Run(float[] embedding, PromptTokens prompts, CancellationToken cancellation)
    {
        int side = 4 * model.Config.Encoder.Grid;
        float[] logits = new float[(long)prompts.Count * Masks * side * side];
        float[] scores = new float[prompts.Count * Masks];
        foreach ((int from, int count) in PromptTokens.Parts(prompts.Count, prompts.Count))
        {
            DecoderSession session = _sessions[new PromptShape(count, prompts.Points, prompts.Masks is not null)];
            session.Run(embedding, prompts.Slice(from, count), cancellation);
            session.Logits.CopyTo(logits, from * Masks * side * side);
            session.Scores.CopyTo(scores, from * Masks);
        }

        return (logits, scores);
    }

    public void Dispose() => _sessions.Dispose();
}

/// <summary>The decoder for one number of prompts and points.</summary>
internal sealed class DecoderSession : IDisposable
{
    private readonly GraphSession _session;
    private readonly float[] _embedding;
    private readonly float[] _places;
    private readonly long[] _labels;
    private readonly float[] _masks;

    public DecoderSession(SamModel model, Device device, SessionSettings settings, PromptShape shape)
    {
        (int prompts, int points, bool withMask) = shape;
        (long channels, long grid) = (model.Config.Encoder.Channels, model.Config.Encoder.Grid);
        GraphBuilder g = new("prompts");
        Value embedding = g.Input("embedding", ElementType.Float, [1, channels, grid, grid]);
        PromptPoints? tokens = points == 0
            ? null
            : new PromptPoints(g.Input("points", ElementType.Float, [prompts, points, 2]), g.Input("labels", ElementType.Int64, [prompts, points]));
        Value? mask = withMask ? g.Input("mask", ElementType.Float, [prompts, 1, 4 * grid, 4 * grid]) : null;
        MaskPrediction answer = new SegmentAnythingNetwork(model.Config).Predict(g, embedding, tokens, mask);
        g.Output("masks", answer.Masks);
        g.Output("scores", answer.Scores);
        _session = device.CreateSession(OnnxModel.Write(g, model.Weights.Weights.Elements), settings with { Weights = model.Weights });
        _embedding = Bind<float>("embedding");
        _places = points == 0 ? [] : Bind<float>("points");
        _labels = points == 0 ? [] : Bind<long>("labels");
        _masks = withMask ? Bind<float>("mask") : [];
        Logits = Bind<float>("masks");
        Scores = Bind<float>("scores");
    }

    /// <summary>[prompts, masks, side, side] of the last run.</summary>
    public float[] Logits { get; }

    /// <summary>[prompts, masks] of the last run.</summary>
    public float[] Scores { get; }

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
