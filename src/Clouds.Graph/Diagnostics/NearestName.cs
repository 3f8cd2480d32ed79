namespace Clouds.Graph.Diagnostics;

/// <summary>Finds what somebody who mistyped a name probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits; of equals the first.</summary>
    /// <param name="word">The unknown name.</param>
    /// <param name="candidates">The known names.</param>
    /// <returns>Null where nothing is near: more than a third of the word would have to change, and more than two letters.</returns>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int fewest = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int edits = Edits(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (edits < fewest && edits < Math.Max(word.Length, candidate.Length))
            {
                (nearest, fewest) = (candidate, edits);
            }
        }

        return nearest;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.</summary>
    internal static int Edits(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                cost[i, j] = i == 0 ? j : j == 0 ? i : Cheapest(cost, from, to, i, j);
            }
        }

        return cost[from.Length, to.Length];
    }

    private static int Cheapest(int[,] cost, string from, string to, int i, int j)
    {
        bool same = from[i - 1] == to[j - 1];
        int best = Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1);
        best = Math.Min(best, cost[i - 1, j - 1] + (same ? 0 : 1));
        bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
        return swapped ? Math.Min(best, cost[i - 2, j - 2] + 1) : best;
    }
}
