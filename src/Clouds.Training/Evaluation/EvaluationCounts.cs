using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Evaluation;

/// <summary>
/// All that is counted over the pixels of a set: integers only, so that the counts of parts of a set can be added up in any order. Not safe for several
/// threads: give each its own and merge.
/// </summary>
public sealed class EvaluationCounts
{
    /// <summary>Empty counts.</summary>
    /// <param name="classes">The classes of answers and labels.</param>
    /// <param name="restricted">Whether answers among the 16 classes of SYNTHIA are counted too.</param>
    /// <param name="boundary">Whether boundaries are.</param>
    public EvaluationCounts(ClassSet classes, bool restricted = false, bool boundary = false)
    {
        Matrix = new ConfusionMatrix(classes);
        Restricted = restricted ? new ConfusionMatrix(classes) : null;
        Boundary = boundary ? new BoundaryCounts(classes) : null;
    }

    /// <summary>Every answer against every label.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <summary>The same with answers among the 16 classes of SYNTHIA and labels of the other three ignored; null: not counted.</summary>
    public ConfusionMatrix? Restricted { get; }

    /// <summary>Pixels of boundaries; null: not counted.</summary>
    public BoundaryCounts? Boundary { get; }

    /// <summary>The counts themselves, to be summed over processes; the same lengths in the same order for counts that were made alike.</summary>
    public IReadOnlyList<Memory<long>> Parts =>
        [Matrix.Counts, .. Restricted is null ? [] : (Memory<long>[])[Restricted.Counts], .. Boundary is null ? [] : (Memory<long>[])[Boundary.Counts]];

    /// <summary>Adds one image.</summary>
    /// <param name="answer">What the network, or another program, says of it.</param>
    public void Add(ScoredAnswer answer)
    {
        Matrix.Add(answer.Labels, answer.Truth);
        Boundary?.Add(answer.Labels, answer.Truth);
        if (Restricted is not null && answer.Restricted is LabelMap restricted)
        {
            Restricted.Add(restricted, Synthia16.WithoutOthers(answer.Truth));
        }
    }

    /// <summary>Adds the counts of another part of the set, counted alike.</summary>
    public void Merge(EvaluationCounts other)
    {
        IReadOnlyList<Memory<long>> own = Parts, others = other.Parts;
        if (!own.Select(part => part.Length).SequenceEqual(others.Select(part => part.Length)))
        {
            throw new ArgumentException("the other counts are of other classes or measures", nameof(other));
        }

        foreach ((Memory<long> sum, Memory<long> addend) in own.Zip(others))
        {
            for (int i = 0; i < sum.Length; i++)
            {
                sum.Span[i] += addend.Span[i];
            }
        }
    }
}

/// <summary>An image's answer and its labels, at the size at which they meet.</summary>
/// <param name="Labels">The answer: train ids, 255 for no class.</param>
/// <param name="Truth">Train ids of the same size, 255 = not counted.</param>
/// <param name="Restricted">The answer among the 16 classes of SYNTHIA; null where nobody asked, or no class scores are known.</param>
public sealed record ScoredAnswer(LabelMap Labels, LabelMap Truth, LabelMap? Restricted = null);
