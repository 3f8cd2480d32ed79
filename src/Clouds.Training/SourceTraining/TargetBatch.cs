using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>What an image's masks are learned from.</summary>
/// <param name="Labels">Train ids of the crop's size, 255 = ignore.</param>
internal sealed record ImageTargets(LabelMap Labels)
{
    /// <summary>Classes that are targets though no pixel of the map is theirs: refinement took all of them (method.md section 4.2, step 10).</summary>
    public IReadOnlyList<int> FurtherClasses { get; init; } = [];

    /// <summary>Masks that overlap, where the map cannot say so; null: the map says it all.</summary>
    public IReadOnlyList<ClassMask>? Overlapping { get; init; }

    /// <summary>Labels of the crop's size that lie above overlapping masks, 255 where there are none; null: nothing lies above them.</summary>
    public LabelMap? Above { get; init; }
}

/// <summary>
/// Writes the semantic targets of a batch to <see cref="CriterionPorts"/>: one per class present in an image, whose mask the graph makes from the
/// map; ignored pixels are in none (method.md sections 2.1 and 2.5). Where masks may overlap they are written themselves.
/// </summary>
/// <param name="ports">Where to.</param>
/// <param name="shape">Sizes of the step.</param>
/// <param name="share">Normalisers.</param>
/// <param name="asMasks">Whether the graph is given masks.</param>
/// <param name="excludes">Whether it is told which pixels have a label, beside masks.</param>
internal sealed class TargetBatch(CriterionPorts ports, StepShape shape, TargetShare share, bool asMasks = false, bool excludes = false)
{
    private readonly bool[] _present = new bool[256];

    /// <summary>Writes the targets of this rank's images, and the normalisers of all ranks'.</summary>
    /// <param name="batch">The step's batch.</param>
    /// <param name="images">Targets of each image.</param>
    public void Fill(Batch batch, IEnumerable<ImageTargets> images)
    {
        foreach ((int image, ImageTargets targets) in images.Index())
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Labels.Ids.Length, shape.Height * shape.Width);
            int count = AssignSlots(batch, image, targets);
            if (asMasks)
            {
                WriteMasks(batch, image, targets, count);
            }
            else
            {
                WriteMap(Plane(batch, ports.Map, image), targets.Labels);
            }
        }

        (float numMasks, float classScale) = share.Of(batch.Ranks, batch.Of(ports.Valid).Span.Count(1f), shape.Images);
        batch.Of(ports.NumMasks).Span[0] = numMasks;
        if (ports.ClassScale is not null)
        {
            batch.Of(ports.ClassScale).Span[0] = classScale;
        }
    }

    // Ascending by class.
    private int AssignSlots(Batch batch, int image, ImageTargets targets)
    {
        Array.Clear(_present);
        IEnumerable<int> further = targets.Overlapping?.Select(mask => mask.Class) ?? targets.FurtherClasses;
        further.ToList().ForEach(id => _present[id] = true);
        foreach (ushort id in (targets.Overlapping is null ? targets.Labels : targets.Above)?.Ids ?? [])
        {
            _present[id] = true;
        }

        _present[LabelMap.Ignore] = false;
        Span<long> classes = batch.Of(ports.Labels).Span.Slice(image * shape.Slots, shape.Slots);
        Span<float> valid = batch.Of(ports.Valid).Span.Slice(image * shape.Slots, shape.Slots);
        int slot = 0;
        for (int id = 0; id < _present.Length; id++)
        {
            if (_present[id])
            {
                classes[slot++] = id;
            }
        }

        valid.Clear();
        valid[..slot].Fill(1);
        return slot;
    }

    private static void WriteMap(Span<byte> map, LabelMap labels)
    {
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = checked((byte)labels.Ids[i]);
        }
    }

    private void WriteMasks(Batch batch, int image, ImageTargets targets, int count)
    {
        Span<byte> labelled = excludes ? Plane(batch, ports.Labelled, image) : default;
        labelled.Clear();
        for (int slot = 0; slot < count; slot++)
        {
            int id = (int)batch.Of(ports.Labels).Span[(image * shape.Slots) + slot];
            PixelMask? mask = targets.Overlapping?.FirstOrDefault(one => one.Class == id)?.Mask;
            LabelMap? labels = targets.Overlapping is null ? targets.Labels : targets.Above;
            Span<byte> plane = Plane(batch, ports.Masks, (image * shape.Slots) + slot);
            for (int i = 0; i < plane.Length; i++)
            {
                (int y, int x) = Math.DivRem(i, shape.Width);
                ushort label = labels?.Ids[i] ?? LabelMap.Ignore;
                bool inside = label == LabelMap.Ignore ? mask is not null && x < mask.Width && y < mask.Height && mask.Contains(x, y) : label == id;
                plane[i] = inside ? (byte)1 : (byte)0;
            }

            for (int i = 0; i < labelled.Length; i++)
            {
                labelled[i] |= plane[i];
            }
        }
    }

    private Span<byte> Plane(Batch batch, Port<byte> port, int plane)
    {
        int pixels = shape.Height * shape.Width;
        return batch.Of(port).Span.Slice(plane * pixels, pixels);
    }
}
