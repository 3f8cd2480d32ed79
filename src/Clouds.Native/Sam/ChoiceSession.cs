using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>What a decoder's graph is made for.</summary>
/// <param name="Prompts">N.</param>
/// <param name="Points">P.</param>
/// <param name="WithMask">Whether each prompt has a mask.</param>
internal readonly record struct PromptShape(int Prompts, int Points, bool WithMask);

/// <summary>
/// The decoder as the refinement of labels wants it: points inside what is looked for, in pixels of the image, and of the masks the choice alone. All of it
/// lies on a GPU, where what comes next needs it.
/// </summary>
internal sealed class ChoiceSession : IDisposable
{
    private readonly GraphSession _session;
    private readonly PromptShape _shape;
    private readonly float[] _scale = new float[2];

    public ChoiceSession(SamModel model, Device device, SessionSettings settings, PromptShape shape)
    {
        _shape = shape;
        GraphBuilder g = Build(model.Config, shape);
        _session = device.CreateSession(OnnxModel.Write(g, model.Weights.Weights.Elements), settings with { Weights = model.Weights });
        _session.Bind<float>("scale", _scale, 1, 1, 2);
    }

    /// <summary>
    /// The graph: "embedding" [1, C, e, e], "points" [N, P, 2] in pixels of the image, "scale" [1, 1, 2] from there to the frame, and "mask" [N, 1, 4 e, 4 e]
    /// where there are masks; "masks" [N, 3, 4 e, 4 e] and "scores" [N, 3].
    /// </summary>
    public static GraphBuilder Build(SamConfig config, PromptShape shape)
    {
        (long n, long points, long channels, long grid) = (shape.Prompts, shape.Points, config.Encoder.Channels, config.Encoder.Grid);
        GraphBuilder g = new("choice");
        Value embedding = g.Input("embedding", ElementType.Float, [1, channels, grid, grid]);
        Value places = g.Mul(g.Input("points", ElementType.Float, [n, points, 2]), g.Input("scale", ElementType.Float, [1, 1, 2]));
        Value? mask = shape.WithMask ? g.Input("mask", ElementType.Float, [n, 1, 4 * grid, 4 * grid]) : null;

        // A point stands where a prompt has no box.
        places = g.Concat(1, places, g.Constant(new float[2 * n], n, 1, 2));
        long Label(long token) => token < points ? PromptEncoder.Foreground : PromptEncoder.Padding;
        long[] labels = [.. Enumerable.Range(0, (int)(n * (points + 1))).Select(i => Label(i % (points + 1)))];
        MaskPrediction answer = new SegmentAnythingNetwork(config).Predict(g, embedding, places, g.Constant(Literal.Of(labels, n, points + 1)), mask);
        g.Output("masks", g.Slice(answer.Masks, 1, 1, 1 + MaskMerge.Candidates));
        g.Output("scores", g.Slice(answer.Scores, 1, 1, 1 + MaskMerge.Candidates));
        return g;
    }

    /// <summary>Runs on memory of the GPU, in the order of its stream.</summary>
    /// <param name="memory">Embedding, points, masks to start from (or none), and where masks and scores go.</param>
    /// <param name="geometry">How the image lies in the frame.</param>
    /// <param name="cancellation">Stops between operators.</param>
    public void Run(ChoiceMemory memory, MaskGeometry geometry, CancellationToken cancellation)
    {
        (_scale[0], _scale[1]) = (PromptTokens.Across(geometry), PromptTokens.Down(geometry));
        long side = geometry.MaskHeight;
        _session.Bind("embedding", memory.Embedding.Span, _session.Port("embedding").Shape);
        _session.Bind("points", memory.Points.Span, _shape.Prompts, _shape.Points, 2);
        if (_shape.WithMask)
        {
            _session.Bind("mask", memory.Start.Span, _shape.Prompts, 1, side, side);
        }

        _session.Bind("masks", memory.Masks.Span, _shape.Prompts, MaskMerge.Candidates, side, side);
        _session.Bind("scores", memory.Scores.Span, _shape.Prompts, MaskMerge.Candidates);
        _session.Run(cancellation);
    }

    public void Dispose() => _session.Dispose();
}

/// <summary>Memory of a GPU between two threads, which a span cannot be.</summary>
internal readonly record struct DevicePart(ulong Address, long Length)
{
    public DeviceSpan<float> Span => new(Address, Length);

    public static DevicePart Of(DeviceSpan<float> span) => new(span.Address, span.Length);

    public DevicePart Slice(long start, long length) => Of(Span.Slice(start, length));
}

/// <summary>What a run of <see cref="ChoiceSession"/> reads and writes.</summary>
internal readonly record struct ChoiceMemory(DevicePart Embedding, DevicePart Points, DevicePart Start, DevicePart Masks, DevicePart Scores)
{
    /// <summary>The part of some of the prompts.</summary>
    public ChoiceMemory Slice(int from, int count, int points, int maskPixels) => new(
        Embedding, Points.Slice(2L * from * points, 2L * count * points),
        Start.Length == 0 ? default : Start.Slice((long)from * maskPixels, (long)count * maskPixels),
        Masks.Slice((long)from * MaskMerge.Candidates * maskPixels, (long)count * MaskMerge.Candidates * maskPixels),
        Scores.Slice(from * MaskMerge.Candidates, count * MaskMerge.Candidates));
}
