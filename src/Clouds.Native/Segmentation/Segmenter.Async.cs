using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <content>The same for callers that do not want to block a thread.</content>
public sealed partial class Segmenter
{
    /// <summary>As <see cref="Segment(RgbImage, bool, CancellationToken)"/>, without a thread that waits.</summary>
    /// <param name="image">Any size; it is read until the task has ended, and a little longer where it is cancelled.</param>
    /// <param name="withScores">Also return the class scores, 4 · classes bytes a pixel.</param>
    /// <param name="cancellation">Ends the task.</param>
    /// <returns>The answer; all failures but a missing argument come through the task.</returns>
    public Task<SegmentationResult> SegmentAsync(RgbImage image, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _device.TensorGpu is null
            ? VisitAsync(image, (lane, stop) => Answer(image, Start(lane, image, withScores, stop), stop), cancellation)
            : OnDevice();

        // Between the two another image may be put on its way.
        async Task<SegmentationResult> OnDevice()
        {
            IPendingAnswer pending = await VisitAsync(image, (lane, stop) => Start(lane, image, withScores, stop), cancellation).ConfigureAwait(false);
            return await VisitAsync(image, (_, stop) => Answer(image, pending, stop), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Labels images as they come; <paramref name="images"/> is read on a thread of the pool, beside the network.</summary>
    /// <param name="images">Any sizes; images of one size one after the other are fastest.</param>
    /// <param name="withScores">Also return the class scores.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    /// <returns>The answers in the order of the images. At most <see cref="SegmenterOptions.Sessions"/> + 2 images and answers are held.</returns>
    public IAsyncEnumerable<SegmentationResult> SegmentAllAsync(
        IEnumerable<RgbImage> images, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return SegmentAllAsync(images.ToAsyncEnumerable(), withScores, cancellation);
    }

    /// <inheritdoc cref="SegmentAllAsync(IEnumerable{RgbImage}, bool, CancellationToken)"/>
    public IAsyncEnumerable<SegmentationResult> SegmentAllAsync(
        IAsyncEnumerable<RgbImage> images, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Batch(images, image => image, withScores, cancellation).Select(item => item.Result);
    }

    /// <summary>
    /// Reads and labels images, reading the next ones on a thread of the pool while the network runs. An image that cannot be read does not end the
    /// batch: its item has the failure.
    /// </summary>
    /// <typeparam name="T">What an image is read from: a path, a row, a message.</typeparam>
    /// <param name="sources">Where the images come from.</param>
    /// <param name="decode">Reads one; what it throws ends the batch, unless it is a <see cref="CloudsException"/> that is expected.</param>
    /// <param name="withScores">Also return the class scores.</param>
    /// <param name="cancellation">Ends the enumeration; a <paramref name="decode"/> that is under way ends by itself.</param>
    /// <returns>An item for each source, in their order. At most <see cref="SegmenterOptions.Sessions"/> + 2 images and answers are held.</returns>
    public IAsyncEnumerable<BatchItem<T>> SegmentAllAsync<T>(
        IEnumerable<T> sources, Func<T, RgbImage> decode, bool withScores = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(decode);
        return Batch(sources.ToAsyncEnumerable(), decode, withScores, cancellation);
    }

    private async IAsyncEnumerable<BatchItem<T>> Batch<T>(
        IAsyncEnumerable<T> sources, Func<T, RgbImage> decode, bool withScores, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        CancellationToken stopped = stop.Token;
        Channel<Task<BatchItem<T>>> ahead = Channel.CreateBounded<Task<BatchItem<T>>>(_lanes.Count);
        _ = Task.Run(() => Feed(sources, source => Label(source, decode, withScores, stopped), ahead.Writer, stopped), CancellationToken.None);
        try
        {
            await foreach (Task<BatchItem<T>> item in ahead.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return await item.ConfigureAwait(false);
            }
        }
        finally
        {
            // Whoever leaves early wants no more of it.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task Feed<T>(
        IAsyncEnumerable<T> sources, Func<T, Task<BatchItem<T>>> label, ChannelWriter<Task<BatchItem<T>>> ahead, CancellationToken stop)
    {
        try
        {
            await foreach (T source in sources.WithCancellation(stop).ConfigureAwait(false))
            {
                await ahead.WriteAsync(label(source), stop).ConfigureAwait(false);
            }

            ahead.Complete();
        }
        catch (Exception failure)
        {
            ahead.Complete(failure);
        }
    }

    // Decodes before it returns, so that no more images are held than the channel has places.
    private Task<BatchItem<T>> Label<T>(T source, Func<T, RgbImage> decode, bool withScores, CancellationToken cancellation)
    {
        RgbImage image;
        try
        {
            image = decode(source);
        }
        catch (CloudsException failure) when (failure.Expected)
        {
            return Task.FromResult(new BatchItem<T>(source, null, null, failure));
        }

        return Answered();

        async Task<BatchItem<T>> Answered()
        {
            try
            {
                return new BatchItem<T>(source, image, await SegmentAsync(image, withScores, cancellation).ConfigureAwait(false), null);
            }
            catch (CloudsException failure) when (failure.Failure == Failure.Numeric)
            {
                return new BatchItem<T>(source, image, null, failure);
            }
        }
    }
}
