using System.Runtime.Intrinsics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>
/// Counts n[prediction, truth] of pixels over a whole set (method.md section 6.5). Pixels whose truth is 255 are left out.
/// A prediction of 255, "no class", counts as a miss of the true class. Not safe for several threads: give each its own and merge.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classes">The classes of predictions and truth.</param>
    public ConfusionMatrix(ClassSet classes)
    {
        Classes = classes;
        _counts = new long[(classes.Count + 1) * classes.Count];
    }

    /// <summary>The classes of predictions and truth.</summary>
    public ClassSet Classes { get; }

    /// <summary>The counts themselves, a row for each prediction, that of "no class" last; for sums over processes.</summary>
    public Memory<long> Counts => _counts;

    /// <summary>Pixels of one pair.</summary>
    /// <param name="prediction">0 .. classes - 1; classes itself stands for "no class".</param>
    /// <param name="truth">0 .. classes - 1.</param>
    public long this[int prediction, int truth] => _counts[(prediction * Classes.Count) + truth];

    /// <summary>Adds one image.</summary>
    /// <param name="prediction">Train ids, or 255 for no class.</param>
    /// <param name="truth">Train ids of the same size, 255 = not counted.</param>
    /// <exception cref="CloudsException">BadInput: different sizes, or ids that are neither a class nor 255.</exception>
    public void Add(LabelMap prediction, LabelMap truth)
    {
        if (prediction.Width != truth.Width || prediction.Height != truth.Height)
        {
            throw new CloudsException(
                Failure.BadInput,
                "prediction and label have different sizes",
                null,
                $"{prediction.Width} x {prediction.Height} and {truth.Width} x {truth.Height} pixels",
                "equal sizes",
                "score predictions at the size of their label files");
        }

        CheckIds(prediction.Ids, "prediction");
        CheckIds(truth.Ids, "label");
        Count(prediction.Ids, truth.Ids);
    }

    /// <summary>Adds the counts of another matrix of as many classes.</summary>
    public void Merge(ConfusionMatrix other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Classes.Count, Classes.Count);
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>Pixels of a true class.</summary>
    public long Truth(int truth) => Enumerable.Range(0, Classes.Count + 1).Sum(prediction => this[prediction, truth]);

    /// <summary>Counted pixels predicted as a class.</summary>
    public long Predicted(int prediction) => _counts.AsSpan(prediction * Classes.Count, Classes.Count).ToArray().Sum();

    // Label maps are mostly plain areas: sixteen equal pixels are one addition.
    private void Count(ReadOnlySpan<ushort> prediction, ReadOnlySpan<ushort> truth)
    {
        long[] table = new long[256 * 256];
        int i = 0;
        for (; i <= truth.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            bool plain = Vector256.EqualsAll(Vector256.Create(truth[i..]), Vector256.Create(truth[i]))
                && Vector256.EqualsAll(Vector256.Create(prediction[i..]), Vector256.Create(prediction[i]));
            if (plain)
            {
                table[(prediction[i] << 8) | truth[i]] += Vector256<ushort>.Count;
                continue;
            }

            for (int j = i; j < i + Vector256<ushort>.Count; j++)
            {
                table[(prediction[j] << 8) | truth[j]]++;
            }
        }

        for (; i < truth.Length; i++)
        {
            table[(prediction[i] << 8) | truth[i]]++;
        }

        Collect(table);
    }

    private void Collect(long[] table)
    {
        int classes = Classes.Count;
        for (int prediction = 0; prediction <= classes; prediction++)
        {
            int row = (prediction == classes ? LabelMap.Ignore : prediction) << 8;
            for (int truth = 0; truth < classes; truth++)
            {
                _counts[(prediction * classes) + truth] += table[row | truth];
            }
        }
    }

    private void CheckIds(ReadOnlySpan<ushort> ids, string role)
    {
        int classes = Classes.Count;
        foreach (ushort id in ids)
        {
            if (id >= classes && id != LabelMap.Ignore)
            {
                throw new CloudsException(Failure.BadInput, $"a {role} has an id that is no class",
                    null, $"id {id}", $"0 to {classes - 1}, or 255", "map the ids to train ids first");
            }
        }
    }
}
