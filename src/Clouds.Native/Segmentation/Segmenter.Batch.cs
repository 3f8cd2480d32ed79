using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <content>Many images, one after the other.</content>
public sealed partial class Segmenter
{
    /// <summary>
    /// Labels images one after the other. On a GPU an answer comes when the next image is on its way there, so that both have something to do; on a
    /// processor it comes before the next image is asked for.
    /// </summary>
    /// <param name="images">Any sizes; images of one size one after the other are fastest.</param>
    /// <param name="withScores">Also return the class scores.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The answers in the order of the images.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As for <see cref="Segment(RgbImage, bool, CancellationToken)"/>.</exception>
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

    // What an image's answer is read from when it is its turn: on a GPU it is under way from here on.
    private Func<SegmentationResult> Begin(RgbImage image, bool withScores, CancellationToken cancellation)
    {
        if (_device.TensorGpu is null)
        {
            return () => Segment(image, withScores, cancellation);
        }

        IPendingAnswer pending = Visit(image, (lane, stop) => Start(lane, image, withScores, stop), cancellation);
        return () => Visit(image, (_, stop) => Answer(image, pending, stop), cancellation);
    }
}
