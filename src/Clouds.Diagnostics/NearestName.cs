namespace Clouds.Diagnostics;

/// <summary>Finds what somebody probably meant, for messages that end in "did you mean".</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits from a word, if it is near enough to be a slip of the keyboard.</summary>
    /// <param name="word">The word as written.</param>
    /// <param name="candidates">The words that would have been right; on a tie the first wins.</param>
    /// <returns>A candidate at most max(2, length / 3) insertions, deletions, replacements or swaps away; otherwise null.</returns>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        int fewest = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            // Letter case is forgiven: a wrong capital should never hide the right name.
            int edits = Edits(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (edits < fewest)
            {
                (best, fewest) = (candidate, edits);
            }
        }

        return best;
    }

    // Edit distance with swaps of neighbours, three rows at a time.
    private static int Edits(string a, string b)
    {
        int[] older = new int[b.Length + 1];
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        int[] row = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replace, Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], older[j - 2] + 1);
                }
            }

            (older, above, row) = (above, row, older);
        }

        return above[b.Length];
    }
}
