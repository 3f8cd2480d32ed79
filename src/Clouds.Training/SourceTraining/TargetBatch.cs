using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// Writes the semantic targets of a batch to <see cref="CriterionPorts"/>: one per class present in an image, whose mask the graph makes from the
/// map; ignored pixels are in none (method.md sections 2.1 and 2.5).
/// </summary>
/// <param name="ports">Where to.</param>
/// <param name="shape">Sizes of the step.</param>
internal sealed class TargetBatch(CriterionPorts ports, StepShape shape)
{
    private readonly bool[] _present = new bool[256];

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

    private void Fill(Batch batch, int image, LabelMap labels)
    {
        int pixels = shape.Height * shape.Width;
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Ids.Length, pixels);
        Array.Clear(_present);
        Span<byte> map = batch.Of(ports.Map).Span.Slice(image * pixels, pixels);
        for (int i = 0; i < pixels; i++)
        {
            map[i] = checked((byte)labels.Ids[i]);
            _present[map[i]] = true;
        }

        int first = image * shape.Slots;
        AssignSlots(batch.Of(ports.Labels).Span.Slice(first, shape.Slots), batch.Of(ports.Valid).Span.Slice(first, shape.Slots));
    }

    // Ascending by class.
    private void AssignSlots(Span<long> classes, Span<float> valid)
    {
        _present[LabelMap.Ignore] = false;
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
    }
}
