using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>
/// Labels every pixel of an image: the front door for programs that embed Clouds.Native. One image at a time; calls from several threads wait
/// for each other. Dispose it to free the network.
/// </summary>
/// <example>
/// <code>
/// using Segmenter segmenter = Segmenter.Load("model.safetensors");
/// SegmentationResult result = segmenter.Segment(ImageFile.Read("street.jpg"));
/// Console.WriteLine(segmenter.Classes.Names[result.Labels[0]]);
/// </code>
/// </example>
public sealed class Segmenter : IDisposable
{
    // Images of a folder mostly share a size; a graph holds activations, though no weights, so only a few are kept.
    private const int KeptGraphs = 2;

    private readonly SharedWeights _weights;
    private readonly ModelDescription _description;
    private readonly Normalisation _colours;
    private readonly SegmenterOptions _options;
    private readonly Device _device;
    private readonly LinkedList<IInference> _graphs = [];
    private readonly Lock _lock = new();
    private bool _disposed;

    private Segmenter(SharedWeights weights, ModelDescription description, SegmenterOptions options)
    {
        (_weights, _description, _options) = (weights, description, options);
        _colours = new Normalisation(description.Normalisation.Mean, description.Normalisation.Deviation);
        Classes = new ClassSet(description.ClassNames, [.. description.ClassColours.Select(colour => new RgbColour(colour.R, colour.G, colour.B))]);
        _device = options.OpenDevice();
    }

    /// <summary>Names and colours of the classes.</summary>
    public ClassSet Classes { get; }

    /// <summary>Short side in pixels at which the network sees images; 0: their own size.</summary>
    public int ShortSide => _options.ShortSide ?? _description.ShortSide;

    /// <summary>Long side in pixels that images do not exceed then, as in <see cref="SegmenterOptions"/>.</summary>
    public int? LongSide => _options.LongSide;

    /// <summary>Where the network runs: never <see cref="ComputeDevice.Auto"/>.</summary>
    public ComputeDevice Device => ComputeDevice.Of(_device.Name);

    /// <summary>Bytes of a GPU's memory that are foreseen for all of its graphs and their weights.</summary>
    internal long ForeseenBytes => BytesOfGraphs() + (_graphs.Count == 0 ? 0 : _weights.BytesOnDevice);

    /// <summary>
    /// Opens a model and checks all that can be checked without an image: the options, the file, its description, every weight it should have, the
    /// device. What can fail later is an image, and the memory that its size takes, which <see cref="Warmup"/> tells.
    /// </summary>
    /// <param name="path">
    /// The model.safetensors of a training run. Its weights are mapped into memory, so the file may be deleted, renamed or replaced by another of its
    /// name while the segmenter lives; it must not be written to in place.
    /// </param>
    /// <param name="options">Device, threads, sizes; null: defaults.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// Usage: an option is out of range; Weights: missing, damaged, incomplete, or no model of ours; Numeric: a weight is not finite; Device: the GPU
    /// that the options name does not work.
    /// </exception>
    public static Segmenter Load(string path, SegmenterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SegmenterOptions();
        options.Require();
        (ModelDescription description, SharedWeights weights) = ModelWeights.Open(path);
        try
        {
            return new Segmenter(weights, description, options);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Prepares for images of one size and labels a black one, so that the first image takes no longer than the next ones. Sessions of the two sizes
    /// that were used last are kept.
    /// </summary>
    /// <param name="width">Pixels a row of the images to come.</param>
    /// <param name="height">Rows.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: there is no memory for this size.</exception>
    public void Warmup(int width, int height, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        Segment(new RgbImage(width, height), withScores: false, cancellation);
    }

    /// <summary>Labels every pixel of an image.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="withScores">Also return the class scores, 4 · classes bytes a pixel.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Numeric: the network's answer is not finite.</exception>
    public SegmentationResult Segment(RgbImage image, bool withScores = false, CancellationToken cancellation = default)
    {
        ushort[] labels = new ushort[image.Width * image.Height];
        float[]? scores = withScores ? new float[(long)Classes.Count * labels.Length] : null;
        Segment(image.Pixels, image.Width, image.Height, labels, scores, cancellation);
        return new SegmentationResult(image.Width, image.Height, labels, scores);
    }

    /// <summary>Labels every pixel of an image in memory of the caller's.</summary>
    /// <param name="rgb">3 · width · height bytes, R G B interleaved, rows top to bottom.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="labels">Receives width · height train ids.</param>
    /// <param name="scores">Receives classes · height · width scores; or empty.</param>
    /// <param name="cancellation">Stops between operators.</param>
    public void Segment(
        ReadOnlySpan<byte> rgb, int width, int height, Span<ushort> labels, Span<float> scores = default, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, 3 * width * height);
        RgbImage seen = Resized(new RgbImage(width, height, rgb.ToArray()));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            InferenceFor(seen).Segment(seen, height, width, labels, scores, cancellation);
        }
    }

    /// <summary>
    /// Labels images one after the other. On a GPU an answer comes when the next image is on its way there, so that both have something to do; on a
    /// processor it comes before the next image is asked for.
    /// </summary>
    /// <param name="images">Any sizes; images of one size one after the other are fastest.</param>
    /// <param name="withScores">Also return the class scores.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <returns>The answers in the order of the images.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Numeric: the network's answer is not finite.</exception>
    public IEnumerable<SegmentationResult> SegmentAll(IEnumerable<RgbImage> images, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Pipelined();

        IEnumerable<SegmentationResult> Pipelined()
        {
            int depth = _device.TensorGpu is null ? 1 : DeviceInference.InFlight;
            Queue<Func<SegmentationResult>> underWay = [];
            foreach (RgbImage image in images)
            {
                underWay.Enqueue(Begin(image, withScores, cancellation));
                if (underWay.Count == depth)
                {
                    yield return underWay.Dequeue()();
                }
            }

            while (underWay.TryDequeue(out Func<SegmentationResult>? answer))
            {
                yield return answer();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (IInference graph in _graphs)
            {
                graph.Dispose();
            }

            _graphs.Clear();
            _weights.Dispose();
            _device.Dispose();
        }
    }

    private RgbImage Resized(RgbImage image) => TestTimeResize.Apply(image, ShortSide, LongSide);

    // What an image's answer is read from when it is its turn: on a GPU it is under way from here on.
    private Func<SegmentationResult> Begin(RgbImage image, bool withScores, CancellationToken cancellation)
    {
        if (_device.TensorGpu is null)
        {
            return () => Segment(image, withScores, cancellation);
        }

        RgbImage seen = Resized(image);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            PendingLabels pending = ((DeviceInference)InferenceFor(seen)).Start(seen, image.Height, image.Width, withScores, cancellation);
            return () => Answer(image, pending);
        }
    }

    private SegmentationResult Answer(RgbImage image, PendingLabels pending)
    {
        lock (_lock)
        {
            (ushort[] labels, float[]? scores) = pending.Complete();
            FiniteAnswer.RequireLabels(labels, DeviceInference.ClassScores, image.Width, image.Height);
            return new SegmentationResult(image.Width, image.Height, labels, scores);
        }
    }

    private IInference InferenceFor(RgbImage seen)
    {
        _weights.Weights.RequireUnchanged();
        (int height, int width) = (TestTimeResize.Padded(seen.Height), TestTimeResize.Padded(seen.Width));
        IInference graph = _graphs.FirstOrDefault(g => g.Height == height && g.Width == width) ?? Open(height, width);
        _graphs.Remove(graph);
        _graphs.AddFirst(graph);
        if (_graphs.Count > KeptGraphs)
        {
            _graphs.Last!.Value.Dispose();
            _graphs.RemoveLast();
        }

        return graph;
    }

    private IInference Open(int height, int width)
    {
        InferenceMemory? memory = _device.TensorGpu is null
            ? null
            : new InferenceMemory(_device, resizes: ShortSide != 0 || LongSide > 0, BytesOfGraphs);
        InferenceGraph graph = new(_description, _weights, height, width, _device, _options.SessionSettings, memory);
        return _device.TensorGpu is Gpu gpu ? new DeviceInference(graph, _colours, gpu) : new HostInference(graph, _colours, _options.ThreadsOfSession);
    }

    private long BytesOfGraphs() => _graphs.OfType<DeviceInference>().Sum(open => open.DeviceBytes);
}
