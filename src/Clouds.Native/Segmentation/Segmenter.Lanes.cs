using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <content>What happens on a lane: an image becomes what the network sees, the network runs, labels are made at the image's own size.</content>
public sealed partial class Segmenter
{
    private InferenceVisit Enter(int width, int height, CancellationToken cancellation)
    {
        long start = Meter.Start();
        (int paddedWidth, int paddedHeight) = PaddedSize(width, height);
        InferenceVisit visit = _lanes.Enter(paddedHeight, paddedWidth, cancellation);
        Meter.Stop("queue", start);
        return visit;
    }

    private async Task<InferenceVisit> EnterAsync(int width, int height, CancellationToken cancellation)
    {
        long start = Meter.Start();
        (int paddedWidth, int paddedHeight) = PaddedSize(width, height);
        InferenceVisit visit = await _lanes.EnterAsync(paddedHeight, paddedWidth, cancellation).ConfigureAwait(false);
        Meter.Stop("queue", start);
        return visit;
    }

    private (int Width, int Height) SeenSize(int width, int height, double scale = 1)
    {
        (int seenWidth, int seenHeight) = TestTimeResize.SizeTimes(scale, width, height, ShortSide, LongSide);
        return _model.Fit(seenWidth, seenHeight);
    }

    private (int Width, int Height) PaddedSize(int width, int height)
    {
        (int seenWidth, int seenHeight) = SeenSize(width, height);
        return _model.Padded(seenWidth, seenHeight);
    }

    private T Visit<T>(RgbImage image, Func<InferenceLane, CancellationToken, T> work, CancellationToken cancellation)
    {
        try
        {
            using InferenceVisit visit = Enter(image.Width, image.Height, cancellation);
            return visit.Run(work);
        }
        catch (OperationCanceledException)
        {
            throw Stopped(cancellation);
        }
    }

    private async Task<T> VisitAsync<T>(RgbImage image, Func<InferenceLane, CancellationToken, T> work, CancellationToken cancellation)
    {
        try
        {
            using InferenceVisit visit = await EnterAsync(image.Width, image.Height, cancellation).ConfigureAwait(false);
            return await visit.RunAsync(work).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Stopped(cancellation);
        }
    }

    private IPendingAnswer Start(InferenceLane lane, RgbImage image, bool withScores, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _model.RequireUnchanged();
        if (!Views.IsSingle)
        {
            return LookAround(lane, image, withScores, stop);
        }

        long start = Meter.Start();
        (int width, int height) = SeenSize(image.Width, image.Height);
        RgbImage seen = PillowResize.Bilinear(image, width, height);
        start = Meter.Stop("resize", start);
        stop.ThrowIfCancellationRequested();
        (int paddedWidth, int paddedHeight) = _model.Padded(width, height);
        IInference session = lane.Session(paddedHeight, paddedWidth, Open);
        start = Meter.Stop("session", start);
        IPendingAnswer answer = session.Start(seen, image.Height, image.Width, withScores, stop);
        Meter.Stop("network", start);
        return answer;
    }

    private SegmentationResult Answer(RgbImage image, IPendingAnswer pending, CancellationToken stop)
    {
        long start = Meter.Start();
        (ushort[] labels, float[]? scores) = pending.Take(stop);
        Labelled(image.Width, image.Height, start);
        return new SegmentationResult(image.Width, image.Height, labels, scores);
    }

    private void Labelled(int width, int height, long start)
    {
        Meter.Stop("labels", start);
        Meter.AddImages(1);
        SegmenterLog.Labelled(_options.Log, width, height);
    }

    private IInference Open(int height, int width)
    {
        lock (_opening)
        {
            SegmenterLog.SessionOpened(_options.Log, width, height);
            return _model.Open(height, width, _device, _options, BytesOfGraphs);
        }
    }

    private long BytesOfGraphs() => _lanes.Sessions.OfType<DeviceInference>().Sum(open => open.DeviceBytes);
}
