using Clouds.Native.Images;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>Inference with tensors in the host's memory.</summary>
internal sealed class HostInference : IInference
{
    private readonly GraphSession _session;
    private readonly Normalisation _colours;
    private readonly int _threads;
    private readonly bool _anySize;
    private InferenceShape _shape;
    private float[] _image = [];
    private float[] _classLogits = [];
    private float[] _maskLogits = [];

    /// <param name="session">The network, owned from now on.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="colours">The network's normalisation.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <param name="anySize">Whether the network takes images of other sizes too.</param>
    public HostInference(GraphSession session, InferenceShape shape, Normalisation colours, int threads, bool anySize = false)
    {
        (_session, _shape, _colours, _threads, _anySize) = (session, shape, colours, threads, anySize);
        Bind();
    }

    public int Height => _shape.Height;

    public int Width => _shape.Width;

    public bool Fits(int height, int width) => _anySize || (height == Height && width == Width);

    public IPendingAnswer Start(RgbImage seen, int height, int width, bool withScores, CancellationToken cancellation)
    {
        if (_anySize)
        {
            Resize(TestTimeResize.Padded(seen.Height), TestTimeResize.Padded(seen.Width));
        }

        _colours.Write(seen, _image, Width, Height);
        _session.Run(cancellation);
        FiniteAnswer.RequireLogits(_classLogits, width, height);
        return new Answer(this, _shape.For(seen.Height, seen.Width), height, width, withScores);
    }

    public void Dispose() => _session.Dispose();

    private void Resize(int height, int width)
    {
        if ((height, width) != (Height, Width))
        {
            _shape = _shape with { Height = height, Width = width };
            Bind();
        }
    }

    private void Bind()
    {
        _image = Bind(InferenceGraph.Image, 1, 3, Height, Width);
        _classLogits = Bind(InferenceGraph.ClassLogits, 1, _shape.Queries, _shape.Classes + 1);
        _maskLogits = Bind(InferenceGraph.MaskLogits, 1, _shape.Queries, Height / InferenceShape.MaskStride, Width / InferenceShape.MaskStride);
    }

    private float[] Bind(string name, params long[] shape)
    {
        float[] buffer = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        _session.Bind<float>(name, buffer, shape);
        return buffer;
    }

    private void Write(SemanticShape shape, int height, int width, Span<ushort> labels, Span<float> scores, CancellationToken cancellation)
    {
        float[] probabilities = SemanticInference.Probabilities(_classLogits, _shape.Queries, _shape.Classes);
        SemanticInference.RunResized(shape, probabilities, _maskLogits, height, width, labels, scores, _threads, cancellation);
        FiniteAnswer.RequireLabels(labels, InferenceGraph.MaskLogits, width, height);
    }

    private sealed class Answer(HostInference inference, SemanticShape shape, int height, int width, bool withScores) : IPendingAnswer
    {
        public IPendingAnswer Arrived() => this;

        public (ushort[] Labels, float[]? Scores) Take(CancellationToken cancellation)
        {
            ushort[] labels = new ushort[height * width];
            float[]? scores = withScores ? new float[(long)inference._shape.Classes * labels.Length] : null;
            Write(labels, scores, cancellation);
            return (labels, scores);
        }

        public void Write(Span<ushort> labels, Span<float> scores, CancellationToken cancellation)
            => inference.Write(shape, height, width, labels, scores, cancellation);
    }
}
