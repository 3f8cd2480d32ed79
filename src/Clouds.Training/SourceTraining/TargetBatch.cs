using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>What an image's masks are learned from.</summary>
/// <param name="Labels">Train ids of the crop's size, 255 = ignore.</param>
internal sealed record ImageTargets(LabelMap Labels)
{
    /// <summary>Classes that are targets though no pixel is theirs: refinement took all of them (method.md section 4.2, step 10).</summary>
    public IReadOnlyList<int> EmptyClasses { get; init; } = [];
}

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
    /// <param name="images">Targets of each image.</param>
    public void Fill(Batch batch, IEnumerable<ImageTargets> images)
    {
        foreach ((int image, ImageTargets targets) in images.Index())
        {
            Fill(batch, image, targets);
        }

        int written = batch.Of(ports.Valid).Span.Count(1f);
        batch.Of(ports.NumMasks).Span[0] = Math.Max(1, written);
    }

    private void Fill(Batch batch, int image, ImageTargets targets)
    {
        int pixels = shape.Height * shape.Width;
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Labels.Ids.Length, pixels);
        Array.Clear(_present);
        Span<byte> map = batch.Of(ports.Map).Span.Slice(image * pixels, pixels);
        for (int i = 0; i < pixels; i++)
        {
            map[i] = checked((byte)targets.Labels.Ids[i]);
            _present[map[i]] = true;
        }

        foreach (int id in targets.EmptyClasses)
        {
            _present[id] = true;
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
