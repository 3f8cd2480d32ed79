using Clouds.Native.Images;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>
/// Inference on a GPU: an image goes up, its labels come down, and nothing in between leaves the GPU. Two images may be under way: one goes up and is
/// prepared while the other one is computed. Copies run on streams of their own beside the GPU's.
/// </summary>
internal sealed class DeviceInference : IInference
{
    /// <summary>Images that may be under way.</summary>
    public const int InFlight = 2;

    /// <summary>What labels are made of here, for messages: nothing else comes down.</summary>
    public const string ClassScores = "class scores";

    private readonly InferenceGraph _graph;
    private readonly Normalisation _colours;
    private readonly Gpu _gpu;
    private readonly CudaStream _up;
    private readonly CudaStream _down;
    private readonly DeviceBuffer<float> _probabilities;
    private readonly DeviceBuffer<float> _maskLogits;
    private readonly List<InferenceSlot> _slots = [];
    private LabelsOnDevice? _labels;
    private int _next;

    /// <param name="graph">The network, owned from now on.</param>
    /// <param name="colours">The network's normalisation.</param>
    /// <param name="gpu">Where its tensors lie.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: out of memory; everything is given back then, the network too.</exception>
    public DeviceInference(InferenceGraph graph, Normalisation colours, Gpu gpu)
    {
        (_graph, _colours, _gpu) = (graph, colours, gpu);
        try
        {
            _up = CudaStream.Create(gpu.Context);
            _down = CudaStream.Create(gpu.Context);
            _probabilities = Bind(InferenceGraph.Probabilities);
            _maskLogits = Bind(InferenceGraph.MaskLogits);
            while (_slots.Count < InFlight)
            {
                _slots.Add(new InferenceSlot(gpu.Context, 3 * graph.Height * graph.Width));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Height => _graph.Height;

    public int Width => _graph.Width;

    public long DeviceBytes => _graph.DeviceBytes;

    // The one before the last is waited for.
    public IPendingAnswer Start(RgbImage seen, int height, int width, bool withScores, CancellationToken cancellation)
    {
        InferenceSlot slot = _slots[_next];
        _next = (_next + 1) % InFlight;
        slot.Open(height * width, withScores ? _graph.Shape.Classes : 0);
        _colours.Write(seen, slot.Image.GetSpan(), Width, Height);
        slot.Send(_up, _gpu.Stream);
        _graph.Session.Bind(InferenceGraph.Image, slot.ImageThere, 1, 3, Height, Width);
        _graph.Session.Run(cancellation);
        LabelsFor(seen, height, width).Run(_gpu.Stream, _probabilities.Span, _maskLogits.Span, slot.LabelsThere, slot.ScoresThere);
        return new Answer(slot.Fetch(_gpu.Stream, _down), height, width);
    }

    public void Dispose()
    {
        _slots.ForEach(slot => slot.Dispose());
        _labels?.Dispose();
        _graph.Dispose();

        // Where the constructor failed these were not made.
        _probabilities?.Dispose();
        _maskLogits?.Dispose();
        _up?.Dispose();
        _down?.Dispose();
    }

    // Images of a folder mostly share their sizes; launches of earlier ones may still read the tables.
    private LabelsOnDevice LabelsFor(RgbImage seen, int height, int width)
    {
        if (_labels is null || !_labels.Fits(seen.Height, seen.Width, height, width))
        {
            _gpu.Stream.Synchronise();
            _labels?.Dispose();
            _labels = null;
            _labels = new LabelsOnDevice(_gpu, _graph.Shape.For(seen.Height, seen.Width), height, width);
        }

        return _labels;
    }

    private DeviceBuffer<float> Bind(string name)
    {
        GraphPort port = _graph.Session.Port(name);
        DeviceBuffer<float> buffer = _gpu.Context.Allocate<float>(port.Elements);
        _graph.Session.Bind(name, buffer.Span, port.Shape);
        return buffer;
    }

    private sealed class Answer(PendingLabels pending, int height, int width) : IPendingAnswer
    {
        public IPendingAnswer Arrived()
        {
            pending.Complete();
            return this;
        }

        public (ushort[] Labels, float[]? Scores) Take(CancellationToken cancellation)
        {
            (ushort[] labels, float[]? scores) = pending.Complete();
            FiniteAnswer.RequireLabels(labels, ClassScores, width, height);
            return (labels, scores);
        }

        public void Write(Span<ushort> labels, Span<float> scores, CancellationToken cancellation)
        {
            (ushort[] found, float[]? foundScores) = Take(cancellation);
            found.CopyTo(labels);
            foundScores.CopyTo(scores);
        }
    }
}
