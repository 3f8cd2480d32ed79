using Clouds.Native.Images;
using Clouds.Runtime.Compilation;

namespace Clouds.Native.Segmentation;

/// <content>What happens on a lane: an image becomes what the network sees, the network runs, labels are made at the image's own size.</content>
public sealed partial class Segmenter
{
    private InferenceVisit Enter(int width, int height, CancellationToken cancellation)
    {
        long start = Meter.Start();
        (int seenWidth, int seenHeight) = SeenSize(width, height);
        InferenceVisit visit = _lanes.Enter(TestTimeResize.Padded(seenHeight), TestTimeResize.Padded(seenWidth), cancellation);
        Meter.Stop("queue", start);
        return visit;
    }

    private async Task<InferenceVisit> EnterAsync(int width, int height, CancellationToken cancellation)
    {
        long start = Meter.Start();
        (int seenWidth, int seenHeight) = SeenSize(width, height);
        InferenceVisit visit = await _lanes.EnterAsync(TestTimeResize.Padded(seenHeight), TestTimeResize.Padded(seenWidth), cancellation).ConfigureAwait(false);
        Meter.Stop("queue", start);
        return visit;
    }

    private (int Width, int Height) SeenSize(int width, int height) => TestTimeResize.Size(width, height, ShortSide, LongSide);

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
        _weights.Weights.RequireUnchanged();
        long start = Meter.Start();
        RgbImage seen = TestTimeResize.Apply(image, ShortSide, LongSide);
        start = Meter.Stop("resize", start);
        stop.ThrowIfCancellationRequested();
        IInference session = lane.Session(TestTimeResize.Padded(seen.Height), TestTimeResize.Padded(seen.Width), Open);
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
            InferenceMemory? memory = _device.TensorGpu is null ? null : new InferenceMemory(_device, resizes: ShortSide != 0 || LongSide > 0, BytesOfGraphs);
            SegmenterLog.SessionOpened(_options.Log, width, height);
            InferenceGraph graph = new(_description, _weights, height, width, _device, _options.SessionSettings, memory);
            return _device.TensorGpu is Gpu gpu ? new DeviceInference(graph, _colours, gpu) : new HostInference(graph, _colours, _options.ThreadsOfSession);
        }
    }

    private long BytesOfGraphs() => _lanes.Sessions.OfType<DeviceInference>().Sum(open => open.DeviceBytes);
}
