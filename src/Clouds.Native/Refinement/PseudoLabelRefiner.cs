using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>
/// Refines the label map of an image with the masks of Segment Anything (paper section 3.3, figure 4; method.md section 4.2): every component of a class
/// that is large enough gives random points, the points give a mask, and the masks of a class, less what they dispute with each other, are the class's
/// new pixels. It computes where the masks are made, with the same results on every device and any number of threads. Any number of threads may call it; images
/// are refined one after another. Dispose it; the predictor is the caller's.
/// </summary>
/// <example>
/// <code>
/// using PseudoLabelRefiner refiner = new(predictor);
/// RefinementResult refined = refiner.Refine(image, labels, new PointSeed(Seed: 1));
/// LabelPng.WritePalette("street.refined.png", refined.Map, segmenter.Classes.Colours);
/// </code>
/// </example>
public sealed partial class PseudoLabelRefiner : IDisposable
{
    private readonly IMaskPredictor _predictor;
    private readonly RefinementOptions _options;
    private readonly IRefinementKernels _kernels;
    private readonly ConnectedComponents _every = new();
    private readonly int _threads;
    private readonly Lock _turn = new();
    private bool _disposed;

    /// <summary>A refiner.</summary>
    /// <param name="predictor">Who makes the masks; borrowed.</param>
    /// <param name="options">Null: the paper's.</param>
    /// <param name="threads">Processor threads, without those of the predictor; 0: one a processor.</param>
    /// <exception cref="CloudsException">Usage: an option is out of range.</exception>
    public PseudoLabelRefiner(IMaskPredictor predictor, RefinementOptions? options = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        (_predictor, _options, _threads) = (predictor, options ?? new RefinementOptions(), threads);
        _options.Require();
        _kernels = (predictor as IOnDevice)?.Device.Gpu is { } gpu ? new DeviceRefinement(gpu, threads) : new HostRefinement(threads);
    }

    /// <summary>Refines a label map.</summary>
    /// <param name="image">The image that was labelled.</param>
    /// <param name="map">Its train ids, 0..254, and 255 where there is none; of any origin; not changed.</param>
    /// <param name="seed">What the points are a function of.</param>
    /// <param name="keepMasks">Whether the record keeps all masks, one bit a pixel of their boxes.</param>
    /// <param name="cancellation">Ends the call between two chunks of prompts, or sooner where the predictor does.</param>
    /// <exception cref="CloudsException">
    /// BadInput: image and map differ in size, or an id is above 255; Numeric: the predictor's scores are not finite; Device: no memory, or the GPU failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The refiner is disposed.</exception>
    public RefinementResult Refine(RgbImage image, LabelMap map, PointSeed seed, bool keepMasks = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        RequireSameSize(image, map);
        byte[] classes = Bytes(map);
        lock (_turn)
        {
            RequireGoing(cancellation);
            PromptedComponents prompted = Prompt(classes.Length == 0 ? [] : _kernels.Label(classes, map.Height, map.Width, _options.Rule), seed);
            RefinedComponent[] dropped = _options.ListDropped ? Dropped(classes, map, prompted.All.Length) : [];
            if (prompted.Indices.Length == 0)
            {
                return Unrefined(map, prompted, dropped);
            }

            using IEmbeddedImage embedded = _predictor.Embed(image, cancellation);
            return new ImageRefinement(_options, _kernels, prompted, map.Width, map.Height).Run(embedded, dropped, keepMasks, cancellation);
        }
    }

    /// <summary>Gives its memory back, when the image under way is done.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            if (!_disposed)
            {
                _disposed = true;
                _kernels.Dispose();
                _every.Dispose();
            }
        }
    }

    private void RequireGoing(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellation.ThrowIfCancellationRequested();
    }

    private static void RequireSameSize(RgbImage image, LabelMap map)
    {
        if ((image.Width, image.Height) != (map.Width, map.Height))
        {
            throw new CloudsException(Failure.BadInput, "an image and its label map differ in size", null,
                $"image {image.Width} x {image.Height}, map {map.Width} x {map.Height}", "the same size", "give the label map of this image");
        }
    }

    private static byte[] Bytes(LabelMap map)
    {
        byte[] classes = new byte[map.Ids.Length];
        for (int i = 0; i < classes.Length; i++)
        {
            ushort id = map.Ids[i];
            classes[i] = id <= LabelMap.Ignore ? (byte)id : throw new CloudsException(
                Failure.BadInput, "a label map holds an id that is no train id", $"column {i % map.Width}, row {i / map.Width}",
                id.ToString(CultureInfo.InvariantCulture), "0..254, or 255 for pixels without a label", "map the ids to train ids first");
        }

        return classes;
    }

    // Step 2, for the components that the kernels have labelled last.
    private PromptedComponents Prompt(Component[] table, PointSeed seed)
    {
        float[] points = new float[2 * _options.Points * table.Length];
        int[] counts = new int[table.Length];
        if (table.Length > 0)
        {
            _kernels.Draw(new PointDraw(_options.Points, _options.Selection, _options.Window, seed.Key), points, counts);
        }

        return new PromptedComponents(table, points, counts, _options.Points);
    }

    private RefinedComponent[] Dropped(byte[] classes, LabelMap map, int kept)
    {
        List<RefinedComponent> dropped = [];
        foreach (Component component in _every.Run(classes, map.Height, map.Width, _options.Rule with { LargerThan = 0 }, _threads))
        {
            if (component.Area <= _options.SizeThreshold)
            {
                dropped.Add(PromptedComponents.Record(component, kept + dropped.Count, ComponentFate.TooSmall));
            }
        }

        return [.. dropped];
    }

    // Step 12.
    private static RefinementResult Unrefined(LabelMap map, PromptedComponents prompted, RefinedComponent[] dropped)
    {
        int words = PixelMask.Words(map.Width);
        ClassMask[] classes = [.. map.Ids.Distinct().Where(id => id != LabelMap.Ignore).Order().Select(id => new ClassMask(id, Pixels(map, id, words)))];
        RefinedComponent[] kept = [.. prompted.All.Select((component, i) => PromptedComponents.Record(component, i, ComponentFate.TooFewPoints))];
        return new RefinementResult(new LabelMap(map.Width, map.Height, [.. map.Ids]), classes, [.. kept, .. dropped]) { IsUnrefined = true };
    }

    private static PixelMask Pixels(LabelMap map, ushort id, int words)
    {
        uint[] plane = new uint[map.Height * words];
        for (int i = 0; i < map.Ids.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, map.Width);
            plane[(y * words) + (x / 32)] |= map.Ids[i] == id ? 1u << (x % 32) : 0;
        }

        return PixelMask.Of(plane, map.Width, map.Height);
    }
}
