using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Measures;

namespace Clouds.Native.Segmentation;

/// <summary>
/// Labels every pixel of an image: the front door for programs that embed Clouds.Native. Any number of threads may call it; as many images are computed
/// at once as <see cref="SegmenterOptions.Sessions"/> says, and the other calls wait. A call that is cancelled ends within milliseconds, also while it
/// waits or the network runs, and so do all calls, with an <see cref="ObjectDisposedException"/>, when the segmenter is disposed; <see cref="Dispose"/>
/// itself waits for nothing, and the network's memory is free as soon as the operator that runs has ended.
/// </summary>
/// <example>
/// <code>
/// using Segmenter segmenter = Segmenter.Load("model.safetensors");
/// SegmentationResult result = segmenter.Segment(ImageFile.Read("street.jpg"));
/// Console.WriteLine(segmenter.Classes.Names[result.Labels[0]]);
/// </code>
/// </example>
public sealed partial class Segmenter : IDisposable
{
    private static readonly StageMeter Meter = new("segment");

    private readonly ISegmentationModel _model;
    private readonly SegmenterOptions _options;
    private readonly Device _device;
    private readonly InferenceLanes _lanes;
    private readonly Lock _opening = new();
    private readonly SemaphoreSlim _warming = new(1);

    private Segmenter(ISegmentationModel model, SegmenterOptions options)
    {
        (_model, _options) = (model, options);
        _device = options.OpenDevice();
        try
        {
            model.Prepare(_device, options);
        }
        catch
        {
            _device.Dispose();
            throw;
        }

        int kept = Math.Max(InferenceLanes.UsuallyKept, options.Views.Scales.Count);
        _lanes = new InferenceLanes(_device.TensorGpu is null ? options.Sessions : 1, FreeShared, kept);
    }

    /// <summary>Names and colours of the classes.</summary>
    public ClassSet Classes => _model.Classes;

    /// <summary>Short side in pixels at which the network sees images; 0: their own size.</summary>
    public int ShortSide => _options.ShortSide ?? _model.ShortSide;

    /// <summary>Long side in pixels that images do not exceed then, as in <see cref="SegmenterOptions"/>.</summary>
    public int? LongSide => _options.LongSide ?? (_options.ShortSide is null ? _model.LongSide : null);

    /// <summary>Where the network runs: never <see cref="ComputeDevice.Auto"/>.</summary>
    public ComputeDevice Device => ComputeDevice.Of(_device.Name);

    /// <summary>Bytes of a GPU's memory that are foreseen for all of its graphs and their weights.</summary>
    internal long ForeseenBytes => _lanes.Sessions.Any() ? BytesOfGraphs() + _model.BytesOnDevice : 0;

    /// <summary>
    /// Opens a model and checks all that can be checked without an image: the options, the file, its description, every weight it should have, the
    /// device. What can fail later is an image, and the memory that its size takes, which <see cref="Warmup"/> tells.
    /// </summary>
    /// <param name="path">
    /// The model.safetensors of a training run, or a segmenter that <see cref="Portable.ModelExport"/> wrote, which runs as its contract says. The
    /// file is mapped into memory, so it may be deleted, renamed or replaced by another of its
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
        WeightSource file = WeightSource.Open(path);
        ISegmentationModel model = file.IsOnnx ? new PortableModel(file) : TrainedModel.Open(file);
        try
        {
            Segmenter segmenter = new(model, options);
            SegmenterLog.Opened(options.Log, path, segmenter.Device, segmenter.Classes.Count, segmenter._lanes.Count, options.ThreadsOfSession);
            return segmenter;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Prepares all sessions for images of one size and labels a made-up one on each, so that the first image takes no longer than the next ones. Each
    /// session keeps the two sizes that it was used for last.
    /// </summary>
    /// <param name="width">Pixels a row of the images to come.</param>
    /// <param name="height">Rows.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: there is no memory for this size.</exception>
    public void Warmup(int width, int height, CancellationToken cancellation = default)
    {
        RequireSize(width, height);
        RgbImage image = new(width, height);
        Random.Shared.NextBytes(image.Pixels);
        List<InferenceVisit> visits = [];

        // Two callers with a part of the lanes each would wait for each other.
        _warming.Wait(cancellation);
        try
        {
            while (visits.Count < _lanes.Count)
            {
                visits.Add(Enter(width, height, cancellation));
            }

            visits.ForEach(visit => visit.Run((lane, stop) => Start(lane, image, withScores: false, stop).Take(stop)));
        }
        catch (OperationCanceledException)
        {
            throw Stopped(cancellation);
        }
        finally
        {
            visits.ForEach(visit => visit.Dispose());
            _warming.Release();
        }
    }

    /// <summary>Labels every pixel of an image.</summary>
    /// <param name="image">Any size; it is read until the call returns, and a little longer where the call is cancelled.</param>
    /// <param name="withScores">Also return the class scores, 4 · classes bytes a pixel.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// Numeric: the network's answer is not finite; Weights: the model's file was written to in place; Device: no memory for this size, or the GPU failed.
    /// </exception>
    public SegmentationResult Segment(RgbImage image, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Visit(image, (lane, stop) => Answer(image, Start(lane, image, withScores, stop), stop), cancellation);
    }

    /// <summary>Labels every pixel of an image in memory of the caller's, which nobody touches once the call has returned or thrown.</summary>
    /// <param name="rgb">3 · width · height bytes, R G B interleaved, rows top to bottom.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="labels">Receives width · height train ids.</param>
    /// <param name="scores">Receives classes · height · width scores; or empty.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="ArgumentException">A length is not what the size says; the exception names the parameter, and nothing was done.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As above.</exception>
    public void Segment(
        ReadOnlySpan<byte> rgb, int width, int height, Span<ushort> labels, Span<float> scores = default, CancellationToken cancellation = default)
    {
        RequireSize(width, height);
        long pixels = (long)width * height;
        RequireLength(rgb.Length, 3 * pixels, nameof(rgb));
        RequireLength(labels.Length, pixels, nameof(labels));
        RequireLength(scores.Length, scores.IsEmpty ? 0 : Classes.Count * pixels, nameof(scores));
        RgbImage image = new(width, height, rgb.ToArray());
        bool withScores = !scores.IsEmpty;
        try
        {
            using InferenceVisit visit = Enter(width, height, cancellation);
            IPendingAnswer answer = visit.Run((lane, stop) => Start(lane, image, withScores, stop).Arrived());
            long start = Meter.Start();
            answer.Write(labels, scores, visit.Stop);
            Labelled(width, height, start);
        }
        catch (OperationCanceledException)
        {
            throw Stopped(cancellation);
        }
    }

    /// <summary>
    /// Ends all calls that are under way, with an <see cref="ObjectDisposedException"/>, and frees the network as soon as none of them is at work. It
    /// does not wait for that.
    /// </summary>
    public void Dispose() => _lanes.Dispose();

    private static void RequireSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
    }

    private static void RequireLength(int found, long expected, string parameter)
    {
        if (found != expected)
        {
            throw new ArgumentException($"{found} elements where the size says {expected}", parameter);
        }
    }

    // A token of ours ended the call: the caller's was cancelled, or the segmenter was disposed.
    private Exception Stopped(CancellationToken cancellation)
        => cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : new ObjectDisposedException(nameof(Segmenter));

    private void FreeShared()
    {
        SegmenterLog.Closed(_options.Log);
        _model.Dispose();
        _device.Dispose();
    }
}
