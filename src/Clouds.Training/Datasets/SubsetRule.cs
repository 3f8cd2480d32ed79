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
        HashSet<string> once = [];
        foreach (T sample in all)
        {
            if (!once.Add(name(sample)))
            {
                throw new CloudsException(Failure.BadInput, "two images of the data set differ only in their ending",
                    dataset, name(sample), "one image a name", "make the pattern under \"images\" narrower");
            }
        }

        SampleNames known = new(once);
        HashSet<string>? wanted = subset.Names is null ? null : Found(subset.Names, known, dataset);
        IReadOnlyList<T> picked = Pick(subset, all, name, wanted, Found(subset.Exclude, known, dataset));
        return picked.Count > 0
            ? picked
            : throw new CloudsException(Failure.BadInput, "the subset of the data set is empty", dataset,
                $"0 of {all.Count} samples", "at least 1", "correct \"subset\" in the data set's JSON file");
    }

    private static T[] Pick<T>(Subset subset, IReadOnlyList<T> all, Func<T, string> name, HashSet<string>? wanted, HashSet<string> excluded)
    {
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

    private static HashSet<string> Found(IReadOnlyList<string> written, SampleNames known, string dataset)
    {
        string[] missing = [.. written.Where(name => known.Find(name) is null)];
        if (missing.Length == 0)
        {
            return [.. written.Select(name => known.Find(name)!)];
        }

        string? nearest = NearestName.Find(missing[0], known.All);
        throw new CloudsException(
            Failure.BadInput,
            missing.Length == 1 ? "the subset names a sample that does not exist" : $"the subset names {missing.Length} samples that do not exist",
            dataset,
            string.Join(", ", missing.Take(3)) + (missing.Length > 3 ? ", .." : ""),
            nearest ?? $"names like {known.All.First()}",
            "correct \"subset\" in the data set's JSON file, or the list it names");
    }
}
