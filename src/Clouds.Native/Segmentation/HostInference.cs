using Clouds.Native.Images;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>Inference with tensors in the host's memory.</summary>
internal sealed class HostInference : IInference
{
    private readonly InferenceGraph _graph;
    private readonly Normalisation _colours;
    private readonly int _threads;
    private readonly float[] _image;
    private readonly float[] _classLogits;
    private readonly float[] _maskLogits;

    /// <param name="graph">The network, owned from now on.</param>
    /// <param name="colours">The network's normalisation.</param>
    /// <param name="threads">0 = one a processor.</param>
    public HostInference(InferenceGraph graph, Normalisation colours, int threads)
    {
        (_graph, _colours, _threads) = (graph, colours, threads);
        _image = Bind(InferenceGraph.Image);
        _classLogits = Bind(InferenceGraph.ClassLogits);
        _maskLogits = Bind(InferenceGraph.MaskLogits);
    }

    public int Height => _graph.Height;

    public int Width => _graph.Width;

    public IPendingAnswer Start(RgbImage seen, int height, int width, bool withScores, CancellationToken cancellation)
    {
        _colours.Write(seen, _image, Width, Height);
        _graph.Session.Run(cancellation);
        FiniteAnswer.RequireLogits(_classLogits, width, height);
        return new Answer(this, _graph.ShapeFor(seen.Height, seen.Width), height, width, withScores);
    }

    public void Dispose() => _graph.Dispose();

    private float[] Bind(string name)
    {
        GraphPort port = _graph.Session.Port(name);
        float[] buffer = new float[port.Elements];
        _graph.Session.Bind<float>(name, buffer, port.Shape);
        return buffer;
    }

    private void Write(SemanticShape shape, int height, int width, Span<ushort> labels, Span<float> scores, CancellationToken cancellation)
    {
        float[] probabilities = SemanticInference.Probabilities(_classLogits, _graph.Queries, _graph.Classes);
        SemanticInference.RunResized(shape, probabilities, _maskLogits, height, width, labels, scores, _threads, cancellation);
        FiniteAnswer.RequireLabels(labels, InferenceGraph.MaskLogits, width, height);
    }

    private sealed class Answer(HostInference inference, SemanticShape shape, int height, int width, bool withScores) : IPendingAnswer
    {
        public IPendingAnswer Arrived() => this;

        public (ushort[] Labels, float[]? Scores) Take(CancellationToken cancellation)
        {
            ushort[] labels = new ushort[height * width];
            float[]? scores = withScores ? new float[(long)inference._graph.Classes * labels.Length] : null;
            Write(labels, scores, cancellation);
            return (labels, scores);
        }

        public void Write(Span<ushort> labels, Span<float> scores, CancellationToken cancellation)
            => inference.Write(shape, height, width, labels, scores, cancellation);
    }
}
