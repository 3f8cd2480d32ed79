using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Encoders;
using Clouds.Models.Sam;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>
/// Segment Anything: looks at an image once, then answers prompts about it with masks. Any number of threads may call it; calls take turns, and one that is
/// cancelled ends at once while it waits, and otherwise with the operator that runs. So do all calls, with an <see cref="ObjectDisposedException"/>, when it is
/// disposed; <see cref="Dispose"/> waits for the one that runs.
/// </summary>
/// <example>
/// <code>
/// using SegmentAnything sam = SegmentAnything.Load("mobile_sam.pt");
/// ImageEmbedding street = sam.Embed(ImageFile.Read("street.jpg"));
/// PromptAnswer answer = street.Predict([new PromptPoint(340, 220)]);
/// bool[] inside = answer.Best.ToPixels();
/// </code>
/// </example>
public sealed partial class SegmentAnything : IDisposable
{
    private readonly SamModel _model;
    private readonly SegmentAnythingOptions _options;
    private readonly Device _device;
    private readonly IPromptDecoder _decoder;
    private readonly RecentSessions<PromptShape, ChoiceSession> _choices;
    private readonly Normalisation _colours = new(ColourStatistics.ImageNet.Mean, ColourStatistics.ImageNet.Deviation);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closing = new();
    private GraphSession? _encoder;
    private float[] _frame = [];
    private float[] _embedding = [];
    private int _closed;

    /// <summary>Prompts that are answered together.</summary>
    internal int PromptsAtOnce => _options.PromptsAtOnce;

    private SegmentAnything(SamModel model, SegmentAnythingOptions options)
    {
        (_model, _options) = (model, options);
        _device = options.OpenDevice();
        _choices = new(shape => new ChoiceSession(model, _device, options.SessionSettings, shape));
        try
        {
            _decoder = options.Decoder is string path
                ? new ExportedDecoder(path, model.Config, _device, options.SessionSettings)
                : new GraphDecoder(model, _device, options.SessionSettings);
        }
        catch
        {
            _device.Dispose();
            throw;
        }
    }

    /// <summary>Where the networks run: never <see cref="ComputeDevice.Auto"/>.</summary>
    public ComputeDevice Device => ComputeDevice.Of(_device.Name);

    /// <summary>Itself as <see cref="PseudoLabelRefiner"/> asks it; nothing to dispose.</summary>
    public IMaskPredictor Predictor => PredictorWith(Embed);

    /// <summary>
    /// What tells the image encoder from others: XXH128 of its weights, 32 hexadecimal digits; part of the key of stored embeddings. They are read once for it.
    /// </summary>
    public string ModelDigest => _model.Digest;

    /// <summary>
    /// Opens a model and checks all that can be checked without an image: the options, the file, every weight, the device, an exported decoder.
    /// </summary>
    /// <param name="path">
    /// sam_vit_b, sam_vit_l or sam_vit_h of Segment Anything, or mobile_sam of MobileSAM, as published or in any other container; which of them it is, its
    /// tensors tell. It is mapped into memory and must not be written to in place.
    /// </param>
    /// <param name="options">Device, threads, prompts at once; null: defaults.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="CloudsException">
    /// Usage: an option is out of range; Weights: missing, damaged, incomplete, or no Segment Anything; Numeric: a weight is not finite; Device: the GPU that
    /// the options name does not work; BadInput: the exported decoder is none.
    /// </exception>
    public static SegmentAnything Load(string path, SegmentAnythingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SegmentAnythingOptions();
        options.Require();
        SamModel model = SamModel.Open(path, withDecoder: options.Decoder is null);
        try
        {
            return new SegmentAnything(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Looks at an image.</summary>
    /// <param name="image">
    /// Any size of 1 pixel and more; it is resized so that its longest side fills the network's frame, and read until the call returns.
    /// </param>
    /// <param name="cancellation">Ends the call, when the operator that runs has ended.</param>
    /// <exception cref="ArgumentException">An image without pixels.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">Disposed, before or meanwhile.</exception>
    /// <exception cref="CloudsException">
    /// Numeric: the answer is not finite; Weights: the model's file was written to in place; Device: no memory, or the GPU failed.
    /// </exception>
    public ImageEmbedding Embed(RgbImage image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfZero(image.Pixels.Length, nameof(image));
        MaskGeometry geometry = GeometryOf(image.Width, image.Height);
        return InTurn(
            stop =>
            {
                GraphSession encoder = _encoder ??= OpenEncoder();
                int side = _model.Config.Encoder.ImageSize;
                _colours.Write(PillowResize.Bilinear(image, geometry.InputWidth, geometry.InputHeight), _frame, side, side);
                encoder.Run(stop);
                RequireFinite(_embedding, "the embedding", image.Width, image.Height);
                return new ImageEmbedding(this, image.Width, image.Height, ImageEmbedding.DigestOf(image), [.. _embedding]);
            },
            cancellation);
    }

    /// <summary>Reads an embedding that <see cref="ImageEmbedding.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CloudsException">Weights: missing, damaged, no embedding, of a newer version, or of another model.</exception>
    public ImageEmbedding OpenEmbedding(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        return EmbeddingFile.Read(path, this, EmbeddingElements);
    }

    /// <summary>Ends all calls that are under way, waits for the one that runs, and frees the network. Embeddings can be asked nothing any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _closing.Cancel();
        _turn.Wait();
        _encoder?.Dispose();
        _decoder.Dispose();
        _choices.Dispose();
        _model.Dispose();
        _device.Dispose();
    }

    internal MaskGeometry GeometryOf(int width, int height) => MaskGeometry.Of(height, width, _model.Config.Encoder.ImageSize, 4 * _model.Config.Encoder.Grid);

    private GraphSession OpenEncoder()
    {
        int side = _model.Config.Encoder.ImageSize;
        GraphBuilder g = new("embed");
        g.Output("embedding", new SegmentAnythingNetwork(_model.Config).Embed(g, g.Input("image", ElementType.Float, [1, 3, side, side])));
        if (_device.TensorGpu is not null)
        {
            MemoryForecast forecast = new();
            forecast.AddWeights(_model.Weights.Weights);
            forecast.AddSession(g, _model.Weights.Weights);
            forecast.Require(_device, "Segment Anything", "take a smaller variant, or ComputeDevice.Cpu");
        }

        GraphSession session = _device.CreateSession(
            OnnxModel.Write(g, _model.Weights.Weights.Elements), _options.SessionSettings with { Weights = _model.Weights });
        (_frame, _embedding) = (new float[3 * side * side], new float[session.Port("embedding").Elements]);
        session.Bind<float>("image", _frame, 1, 3, side, side);
        session.Bind<float>("embedding", _embedding, session.Port("embedding").Shape);
        return session;
    }
}
