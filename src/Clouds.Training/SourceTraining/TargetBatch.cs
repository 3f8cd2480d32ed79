using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// Writes the semantic targets of a batch to <see cref="CriterionPorts"/>: one mask per class present in an image, ignored pixels in none
/// (method.md sections 2.1 and 2.5).
/// </summary>
/// <param name="ports">Where to.</param>
/// <param name="shape">Sizes of the step.</param>
internal sealed class TargetBatch(CriterionPorts ports, StepShape shape)
{
    private readonly int[] _slotOfClass = new int[256];

    /// <summary>Writes the targets of all images and their number.</summary>
    /// <param name="batch">The step's batch.</param>
    /// <param name="labels">Train ids of each image.</param>
    public void Fill(Batch batch, IEnumerable<LabelMap> labels)
    {
        foreach ((int image, LabelMap ids) in labels.Index())
        {
            Fill(batch, image, ids);
        }

        int targets = batch.Of(ports.Valid).Span.Count(1f);
        batch.Of(ports.NumMasks).Span[0] = Math.Max(1, targets);
    }

    // Ascending by class.
    private void Fill(Batch batch, int image, LabelMap labels)
    {
        int pixels = shape.Height * shape.Width;
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Ids.Length, pixels);
        int first = image * shape.Slots;
        AssignSlots(labels, batch.Of(ports.Labels).Span.Slice(first, shape.Slots), batch.Of(ports.Valid).Span.Slice(first, shape.Slots));
        Span<byte> masks = batch.Of(ports.Masks).Span.Slice(first * pixels, shape.Slots * pixels);
        masks.Clear();
        for (int i = 0; i < pixels; i++)
        {
            int slot = _slotOfClass[labels.Ids[i]];
            if (slot >= 0)
            {
                masks[(slot * pixels) + i] = 1;
            }
        }
    }

    private void AssignSlots(LabelMap labels, Span<long> classes, Span<float> valid)
    {
        Array.Fill(_slotOfClass, -1);
        foreach (ushort id in labels.Ids)
        {
            _slotOfClass[id] = 0;
        }

        _slotOfClass[LabelMap.Ignore] = -1;
        int slot = 0;
        for (int id = 0; id < _slotOfClass.Length; id++)
        {
            if (_slotOfClass[id] == 0)
            {
                classes[slot] = id;
                _slotOfClass[id] = slot++;
            }
        }

        valid.Clear();
        valid[..slot].Fill(1);
    }
}
