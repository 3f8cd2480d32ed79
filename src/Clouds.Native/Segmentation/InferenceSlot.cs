using Clouds.Runtime.Devices;

namespace Clouds.Native.Segmentation;

/// <summary>What one image under way needs for itself: page-locked memory for its planes and its labels, their twins on the GPU, and its events.</summary>
internal sealed class InferenceSlot : IDisposable
{
    private readonly CudaContext _context;
    private readonly DeviceBuffer<float> _imageThere;
    private readonly CudaEvent _sent;
    private readonly CudaEvent _computed;
    private readonly CudaEvent _fetched;
    private PinnedBuffer<ushort>? _labels;
    private DeviceBuffer<ushort>? _labelsThere;
    private DeviceBuffer<float>? _scoresThere;
    private PendingLabels? _pending;
    private CudaStream? _down;
    private int _pixels;
    private int _classes;

    /// <param name="context">The GPU.</param>
    /// <param name="floats">Length of the planes.</param>
    public InferenceSlot(CudaContext context, int floats)
    {
        _context = context;
        try
        {
            Image = new PinnedBuffer<float>(context, floats);
            _imageThere = context.Allocate<float>(floats);
            _sent = new CudaEvent(context);
            _computed = new CudaEvent(context);
            _fetched = new CudaEvent(context);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The planes, to be written before they are sent.</summary>
    public PinnedBuffer<float> Image { get; }

    public DeviceSpan<float> ImageThere => _imageThere.Span;

    public DeviceSpan<ushort> LabelsThere => _labelsThere!.Span.Slice(0, _pixels);

    /// <summary>Empty where no scores are wanted.</summary>
    public DeviceSpan<float> ScoresThere => _classes == 0 ? default : _scoresThere!.Span.Slice(0, (long)_classes * _pixels);

    /// <summary>Waits for the image before, whose answer its owner keeps, and makes room for the next one.</summary>
    /// <param name="pixels">Pixels of the answer.</param>
    /// <param name="classes">Classes whose scores are wanted; 0: none.</param>
    public void Open(int pixels, int classes)
    {
        _pending?.Complete();
        _pending = null;
        _sent.Synchronise();
        (_pixels, _classes) = (pixels, classes);
        if (_labels is null || _labels.Memory.Length < pixels)
        {
            ((IDisposable?)_labels)?.Dispose();
            _labels = new PinnedBuffer<ushort>(_context, pixels);
        }

        _labelsThere = Room(_labelsThere, pixels);
        _scoresThere = Room(_scoresThere, (long)classes * pixels);
    }

    /// <summary>Starts the upload of the planes; <paramref name="work"/> goes on behind it.</summary>
    public void Send(CudaStream up, CudaStream work)
    {
        up.Upload<float>(Image.GetSpan(), ImageThere);
        _sent.Record(up);
        work.Wait(_sent);
    }

    /// <summary>Starts the download of the labels behind the work.</summary>
    public PendingLabels Fetch(CudaStream work, CudaStream down)
    {
        _computed.Record(work);
        down.Wait(_computed);
        down.Fetch<ushort>(LabelsThere, _labels!);
        _fetched.Record(down);
        _down = down;
        return _pending = new PendingLabels(this);
    }

    /// <summary>Waits for the answer and copies it.</summary>
    public (ushort[] Labels, float[]? Scores) Take()
    {
        _fetched.Synchronise();
        float[]? scores = _classes == 0 ? null : new float[(long)_classes * _pixels];
        if (scores is not null)
        {
            _down!.Download<float>(ScoresThere, scores);
        }

        return (_labels!.GetSpan()[.._pixels].ToArray(), scores);
    }

    public void Dispose()
    {
        _pending?.Complete();
        ((IDisposable?)_labels)?.Dispose();
        _labelsThere?.Dispose();
        _scoresThere?.Dispose();

        // Where the constructor failed these were not made.
        ((IDisposable?)Image)?.Dispose();
        _imageThere?.Dispose();
        _sent?.Dispose();
        _computed?.Dispose();
        _fetched?.Dispose();
    }

    private DeviceBuffer<T> Room<T>(DeviceBuffer<T>? buffer, long length)
        where T : unmanaged
    {
        if (buffer is not null && buffer.Length >= length)
        {
            return buffer;
        }

        buffer?.Dispose();
        return _context.Allocate<T>(length);
    }
}
