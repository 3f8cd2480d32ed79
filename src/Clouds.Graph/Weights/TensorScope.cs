namespace Clouds.Graph.Weights;

/// <summary>Keys in front of the names of a network's tensors: a checkpoint's "model.", "state_dict.module." of a training on several devices.</summary>
public static class TensorScope
{
    // state_dict, the wrapper of a training loop, and module.
    private const int MostKeys = 3;

    private static readonly string[] Averages = ["ema", "teacher"];

    /// <summary>Every start that enough names have in common, the likeliest first; the empty one is the first.</summary>
    /// <param name="names">All names of a file.</param>
    /// <param name="parameters">How many the network wants; half as many count as enough.</param>
    public static IReadOnlyList<string> Candidates(IEnumerable<string> names, int parameters)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal) { [""] = parameters };
        foreach (string start in names.SelectMany(Starts))
        {
            counts[start] = counts.GetValueOrDefault(start) + 1;
        }

        return [.. counts.Where(count => 2 * count.Value >= parameters).Select(count => count.Key).OrderBy(Rank)];
    }

    /// <summary>Names without a start; those that do not have it are left out.</summary>
    public static IEnumerable<string> NamesBelow(IEnumerable<string> names, string start) =>
        names.Where(name => name.StartsWith(start, StringComparison.Ordinal)).Select(name => name[start.Length..]);

    /// <summary>Fewer keys go first; an average of the weights, which some programs save beside them, goes behind them.</summary>
    public static int Rank(string start) =>
        (2 * start.Count(letter => letter == '.')) + (Averages.Any(average => start.Contains(average, StringComparison.OrdinalIgnoreCase)) ? 1 : 0);

    private static IEnumerable<string> Starts(string name)
    {
        int dot = -1;
        for (int keys = 0; keys < MostKeys && (dot = name.IndexOf('.', dot + 1)) >= 0; keys++)
        {
            yield return name[..(dot + 1)];
        }
    }
}
