using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <content>Maps of a batch, refined where they lie and without a record: what a training step asks for.</content>
public sealed partial class PseudoLabelRefiner
{
    /// <summary>Refines maps of a batch. The same pixels as those of <see cref="Refine(RgbImage, LabelMap, PointSeed, bool, CancellationToken)"/>.</summary>
    /// <param name="images">The images to refine, of one size; maps of other places are neither read nor written.</param>
    /// <param name="maps">[count, height, width]: train ids 0..254, and 255 where there is none.</param>
    /// <param name="refined">
    /// [count, height, width], overwritten at the images' places: 255 where there is no mask or several clash, also where <see cref="OverlapRule.Keep"/>
    /// leaves a pixel to several classes. May be the same memory.
    /// </param>
    /// <param name="cancellation">As above.</param>
    /// <returns>For each image what its map holds now.</returns>
    /// <exception cref="CloudsException">As above; BadInput: an image has another size or a place that the maps lack.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; some of the maps may be refined.</exception>
    /// <exception cref="ObjectDisposedException">The refiner is disposed.</exception>
    public IReadOnlyList<RefinedMap> Refine(
        IReadOnlyList<BatchImage> images, ReadOnlySpan<byte> maps, Span<byte> refined, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNotEqual(refined.Length, maps.Length);
        RgbImage size = images.Count > 0 ? images[0].Image : new RgbImage(0, 0);
        int pixels = size.Width * size.Height;
        RequirePlaces(images, pixels == 0 ? 0 : maps.Length / pixels, size.Height, size.Width);
        List<RefinedMap> done = [];
        lock (_turn)
        {
            foreach (BatchImage image in images)
            {
                RequireGoing(cancellation);
                byte[] map = maps.Slice(image.Place * pixels, pixels).ToArray();
                Span<byte> target = refined.Slice(image.Place * pixels, pixels);
                RefinedMap? told = Ask(image, _kernels.Label(map, size.Height, size.Width, _options.Rule), cancellation);
                if (told is null)
                {
                    map.CopyTo(target);
                }
                else
                {
                    _kernels.End(target);
                }

                done.Add(told ?? Left(image, map));
            }
        }

        return done;
    }

    /// <summary>
    /// The same in the memory of the GPU that makes the masks: maps are read, labelled, and written there. A map comes to the host only where nothing of it is
    /// prompted, to see its classes, and where its points are drawn there (<see cref="PointSelection.Center"/>, more than 64 a component).
    /// </summary>
    /// <param name="images">As above.</param>
    /// <param name="maps">The given maps.</param>
    /// <param name="refined">As many of the same size, complete when the call returns; may be the same memory.</param>
    /// <param name="cancellation">As above.</param>
    /// <returns>As above.</returns>
    /// <exception cref="CloudsException">As above; Usage: the masks are not made on a GPU.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; some of the maps may be refined.</exception>
    /// <exception cref="ObjectDisposedException">The refiner is disposed.</exception>
    public IReadOnlyList<RefinedMap> Refine(
        IReadOnlyList<BatchImage> images, GpuLabelMaps maps, GpuLabelMaps refined, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNotEqual(refined with { Address = maps.Address }, maps, nameof(refined));
        DeviceRefinement kernels = _kernels as DeviceRefinement ?? throw new CloudsException(
            Failure.Usage, "label maps are in a GPU's memory, and masks are made on the processor", nameof(PseudoLabelRefiner),
            next: "open Segment Anything on the GPU, or give the maps as spans");
        RequirePlaces(images, maps.Count, maps.Height, maps.Width);
        List<RefinedMap> done = [];
        lock (_turn)
        {
            foreach (BatchImage image in images)
            {
                RequireGoing(cancellation);
                DeviceSpan<byte> map = PlaneOf(maps, image.Place);
                DeviceSpan<byte> target = PlaneOf(refined, image.Place);
                RefinedMap? told = Ask(image, kernels.Label(map, maps.Height, maps.Width, _options.Rule), cancellation);
                if (told is not null)
                {
                    kernels.End(target);
                }

                done.Add(told ?? Left(image, kernels.Leave(map, target)));
            }
        }

        return done;
    }

    // Steps 2 to 11; the map that they lead to stays with the kernels. Null: nothing is prompted.
    private RefinedMap? Ask(BatchImage image, Component[] table, CancellationToken cancellation)
    {
        PromptedComponents prompted = Prompt(table, image.Seed);
        if (prompted.Indices.Length == 0)
        {
            return null;
        }

        using IEmbeddedImage embedded = _predictor.Embed(image.Image, cancellation);
        ImageRefinement refinement = new(_options, _kernels, prompted, image.Image.Width, image.Image.Height);
        return new RefinedMap(image.Place, refinement.RunUnrecorded(embedded, cancellation), prompted.Indices.Length);
    }

    private static DeviceSpan<byte> PlaneOf(GpuLabelMaps maps, int place)
    {
        long pixels = (long)maps.Height * maps.Width;
        return new DeviceSpan<byte>(maps.Address, maps.Count * pixels).Slice(place * pixels, pixels);
    }

    // Step 12.
    private static RefinedMap Left(BatchImage image, ReadOnlySpan<byte> map)
    {
        bool[] present = new bool[LabelMap.Ignore];
        foreach (byte id in map)
        {
            if (id != LabelMap.Ignore)
            {
                present[id] = true;
            }
        }

        return new RefinedMap(image.Place, [.. Enumerable.Range(0, present.Length).Where(id => present[id])], prompts: 0);
    }

    private static void RequirePlaces(IReadOnlyList<BatchImage> images, int count, int height, int width)
    {
        foreach (BatchImage image in images)
        {
            if ((image.Image.Height, image.Image.Width) != (height, width) || image.Place < 0 || image.Place >= count || height * width == 0)
            {
                throw new CloudsException(Failure.BadInput, "an image does not fit the label maps of its batch", $"image of place {image.Place}",
                    $"{image.Image.Width} x {image.Image.Height} pixels", $"{width} x {height} pixels, a place in 0..{count - 1}",
                    "give the maps of these images, one behind the other");
            }
        }
    }
}
