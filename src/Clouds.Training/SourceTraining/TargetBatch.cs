using Clouds.Native.Images;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// Semantic targets of a batch in the form of <see cref="CriterionInputs"/>: one mask per class present in an image, ignored pixels in none
/// (method.md sections 2.1 and 2.5). The buffers are reused from step to step.
/// </summary>
/// <param name="shape">Sizes of the step.</param>
internal sealed class TargetBatch(StepShape shape)
{
    private readonly int[] _slotOfClass = new int[256];

    public long[] Labels { get; } = new long[shape.Images * shape.Slots];

    public byte[] Masks { get; } = new byte[(long)shape.Images * shape.Slots * shape.Height * shape.Width];

    public float[] Valid { get; } = new float[shape.Images * shape.Slots];

    /// <summary>Targets in the whole batch.</summary>
    public int Count => Valid.Count(valid => valid == 1);

    /// <summary>Sets one image's targets from its train ids, ascending by class.</summary>
    public void Set(int image, LabelMap labels)
    {
        int pixels = shape.Height * shape.Width;
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Ids.Length, pixels);
        int first = image * shape.Slots;
        AssignSlots(first, labels);
        Span<byte> masks = Masks.AsSpan(first * pixels, shape.Slots * pixels);
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

    private void AssignSlots(int first, LabelMap labels)
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
                Labels[first + slot] = id;
                _slotOfClass[id] = slot++;
            }
        }

        Valid.AsSpan(first, shape.Slots).Clear();
        Valid.AsSpan(first, slot).Fill(1);
    }
}
