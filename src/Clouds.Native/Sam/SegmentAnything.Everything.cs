using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Native.Sam;

/// <content>Masks without prompts: a grid of points is asked for, and what is good enough is kept once.</content>
public sealed partial class SegmentAnything
{
    /// <summary>
    /// Finds masks of everything in an image, as Segment Anything's own mask generator does: each point of a grid gives three masks; those with a low score or
    /// that depend on the threshold are dropped, and of those whose boxes are nearly the same the best is kept.
    /// </summary>
    /// <param name="image">Any size.</param>
    /// <param name="options">Null: defaults, 1,024 points.</param>
    /// <param name="progress">Told the points that were asked for, on the thread that calls; null: nobody.</param>
    /// <param name="cancellation">Ends the call, when the operator that runs has ended.</param>
    /// <returns>The masks, the best first; with <see cref="EverythingOptions.SmallestRegion"/> those that it changed behind the others.</returns>
    /// <exception cref="CloudsException">Usage: an option is out of range; else as <see cref="Embed"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">Disposed, before or meanwhile.</exception>
    public IReadOnlyList<FoundMask> FindEverything(
        RgbImage image, EverythingOptions? options = null, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= new EverythingOptions();
        options.Require();
        (PixelWindow Window, int Layer)[] crops = [.. CropGrid.Windows(image.Width, image.Height, options)];
        long total = crops.Sum(crop => (long)CropGrid.Points(crop.Window, crop.Layer, options).Count());
        long asked = 0;
        List<FoundMask> found = [];
        foreach ((PixelWindow window, int layer) in crops)
        {
            List<FoundMask> here = [];
            MaskSieve sieve = new(image.Width, image.Height, window, options, _options.Threads);
            PromptPoint[] points = [.. CropGrid.Points(window, layer, options)];
            ImageEmbedding embedding = Embed(CropGrid.Cut(image, window), cancellation);
            foreach ((PromptPoint point, PromptAnswer answer) in points.Zip(
                embedding.Predict(points.Select(point => new MaskPrompt { Points = [point] }), cancellation: cancellation)))
            {
                here.AddRange(answer.Masks.Select(mask => sieve.Keep(mask, point)).OfType<FoundMask>());
                progress?.Report(new ProgressReport("points", ++asked, total));
            }

            found.AddRange(BoxSuppression.Keep(here, mask => mask.Score, options.MostOverlap));
        }

        // Smaller parts show more of what is in them.
        found = crops.Length == 1 ? found : BoxSuppression.Keep(found, mask => 1.0 / ((long)mask.Crop.Width * mask.Crop.Height), options.MostOverlap);
        using SmallRegions regions = new(Math.Max(1, options.SmallestRegion), _options.Threads);
        return options.SmallestRegion == 0 ? found : regions.Remove(found, options.MostOverlap);
    }
}
