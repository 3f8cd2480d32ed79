using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>Picks the samples that a <see cref="Subset"/> describes.</summary>
internal static class SubsetRule
{
    /// <summary>Applies the steps in order.</summary>
    /// <param name="subset">The steps.</param>
    /// <param name="all">All samples, sorted.</param>
    /// <param name="name">A sample's name.</param>
    /// <param name="dataset">What messages call the set.</param>
    /// <exception cref="CloudsException">BadInput: two samples of one name, a listed name that does not exist, nothing left.</exception>
    public static IReadOnlyList<T> Apply<T>(Subset subset, IReadOnlyList<T> all, Func<T, string> name, string dataset)
    {
        Dictionary<string, T> byName = [];
        foreach (T sample in all)
        {
            if (!byName.TryAdd(name(sample), sample))
            {
                throw new CloudsException(Failure.BadInput, "two images of the data set differ only in their ending",
                    dataset, name(sample), "one image a name", "make the pattern under \"images\" narrower");
            }
        }

        CheckExist(subset.Names ?? [], byName.Keys, dataset);
        CheckExist(subset.Exclude, byName.Keys, dataset);
        IReadOnlyList<T> picked = Pick(subset, all, name);
        return picked.Count > 0
            ? picked
            : throw new CloudsException(Failure.BadInput, "the subset of the data set is empty", dataset,
                $"0 of {all.Count} samples", "at least 1", "correct \"subset\" in the data set's JSON file");
    }

    private static T[] Pick<T>(Subset subset, IReadOnlyList<T> all, Func<T, string> name)
    {
        HashSet<string>? wanted = subset.Names?.ToHashSet();
        HashSet<string> excluded = [.. subset.Exclude];
        IEnumerable<T> samples = all.Where(sample => wanted?.Contains(name(sample)) != false && !excluded.Contains(name(sample)));
        if (subset.Every > 0)
        {
            samples = samples.Where((_, i) => i % subset.Every == subset.Offset);
        }

        if (subset.NotEvery > 0)
        {
            samples = samples.Where((_, i) => i % subset.NotEvery != subset.Offset);
        }

        samples = samples.Skip(subset.Skip);
        return [.. subset.First > 0 ? samples.Take(subset.First) : samples];
    }

    private static void CheckExist(IReadOnlyList<string> names, IReadOnlyCollection<string> known, string dataset)
    {
        string? missing = names.FirstOrDefault(name => !known.Contains(name));
        if (missing is null)
        {
            return;
        }

        string? nearest = NearestName.Find(missing, known);
        throw new CloudsException(Failure.BadInput, "the subset names a sample that does not exist", dataset,
            missing, nearest ?? $"names like {known.First()}", "correct \"subset\" in the data set's JSON file");
    }
}
