using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>An image with its answer.</summary>
/// <param name="Job">What it was.</param>
/// <param name="Image">The image.</param>
/// <param name="Result">Its labels.</param>
/// <param name="Seconds">Waited for them, without reading images.</param>
internal sealed record SegmentAnswer(SegmentJob Job, RgbImage Image, SegmentationResult Result, double Seconds);

/// <summary>The images of `clouds segment`, read beside the network, a few ahead. One that cannot be read is reported and left out.</summary>
/// <param name="jobs">What to read.</param>
/// <param name="warn">Told what decoders complain of.</param>
/// <param name="failed">Told of an image that cannot be read.</param>
/// <param name="cancellation">Stops between operators.</param>
internal sealed class SegmentRun(
    IReadOnlyList<SegmentJob> jobs, Action<string> warn, Action<SegmentJob, CloudsException> failed, CancellationToken cancellation)
{
    private readonly Queue<(SegmentJob Job, RgbImage Image)> _underWay = [];
    private readonly Stopwatch _watch = new();

    /// <summary>The answers of the images that can be read, in their order.</summary>
    /// <exception cref="CloudsException">Numeric: an answer is not finite; names the image.</exception>
    public IEnumerable<SegmentAnswer> Answers(Segmenter segmenter, bool scores)
    {
        using IEnumerator<SegmentationResult> results = segmenter.SegmentAll(Images(), scores, cancellation).GetEnumerator();
        while (Next(results))
        {
            (SegmentJob job, RgbImage image) = _underWay.Dequeue();
            yield return new SegmentAnswer(job, image, results.Current, _watch.Elapsed.TotalSeconds);
        }
    }

    private bool Next(IEnumerator<SegmentationResult> results)
    {
        _watch.Restart();
        try
        {
            return results.MoveNext();
        }
        catch (CloudsException e) when (e.Failure == Failure.Numeric)
        {
            throw new CloudsException(e.Failure, e.What, $"{_underWay.Peek().Job.Image}, {e.Where}", e.Found, next: e.Next, inner: e);
        }
        finally
        {
            _watch.Stop();
        }
    }

    private IEnumerable<RgbImage> Images()
    {
        // The time of waiting for images is not the network's.
        _watch.Stop();
        foreach ((SegmentJob job, RgbImage? image, CloudsException? failure) in SideBySide.Select(jobs, Read))
        {
            cancellation.ThrowIfCancellationRequested();
            if (image is null)
            {
                failed(job, failure!);
                continue;
            }

            _underWay.Enqueue((job, image));
            _watch.Start();
            yield return image;
            _watch.Stop();
        }

        _watch.Start();
    }

    private (SegmentJob Job, RgbImage? Image, CloudsException? Failure) Read(SegmentJob job)
    {
        try
        {
            return (job, ImageFile.Read(job.Image, warn), null);
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            return (job, null, e);
        }
    }
}
