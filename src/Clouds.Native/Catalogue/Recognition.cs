using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>Finds out which published model a file holds, by its tensors' names and shapes; the name of the file says nothing.</summary>
internal static class Recognition
{
    /// <summary>The model, and how the file differs from it.</summary>
    /// <param name="source">The file.</param>
    /// <param name="entries">Models that it may be.</param>
    /// <param name="sha256">Of the file: tells models of the same tensors apart where it was published; null: unknown.</param>
    /// <returns>Null where it resembles none.</returns>
    /// <exception cref="CloudsException">Usage: it holds all tensors of several.</exception>
    public static Comparison? Find(WeightSource source, IReadOnlyList<CatalogueEntry> entries, string? sha256)
    {
        Comparison[] best = [.. Best(source, entries)];
        Comparison[] published = [.. best.Where(found => sha256 is not null && found.Entry.Files.Any(file => file.IsDigest(sha256) == true))];
        return best.Length <= 1 || best[0].Lacking > 0 ? best.FirstOrDefault()
            : published.Length == 1 ? published[0]
            : throw new CloudsException(Failure.Usage, "the file may be one of several published models, whose tensors have the same names and shapes",
                source.Path, string.Join(" or ", best.Select(found => found.Entry.Name)), "one of them", "say which one it is");
    }

    // The one that explains most of the file, and of these the one that lacks least: a model's encoder alone is often published too.
    private static IEnumerable<Comparison> Best(WeightSource source, IReadOnlyList<CatalogueEntry> entries)
    {
        Dictionary<(string, string), NamedTensors> named = [];
        Comparison[] all = [.. entries.SelectMany(entry => TensorScope.Candidates(source.Tensors.Keys, entry.List.Required).Select(below =>
        {
            (string, string) key = (entry.Names, below);
            named.TryAdd(key, named.GetValueOrDefault(key) ?? new NamedTensors(source, entry.Map, below));
            return new Comparison(entry, named[key]);
        }))];
        return all.Where(found => !found.IsOther)
            .GroupBy(found => (found.Matched, found.Lacking)).OrderByDescending(group => group.Key.Matched).ThenBy(group => group.Key.Lacking)
            .FirstOrDefault()?.OrderBy(found => TensorScope.Rank(found.Below)).DistinctBy(found => found.Entry.Name) ?? [];
    }
}
