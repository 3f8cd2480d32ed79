namespace Clouds.Cli.Reports;

/// <summary>Names for things that may be called the same, so that two never share a column or a file.</summary>
internal static class DistinctNames
{
    /// <summary>The names in their order; from the second of the same on with a number, letter case aside.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> names)
    {
        string[] wanted = [.. names];
        HashSet<string> used = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> plain = new(wanted, StringComparer.OrdinalIgnoreCase);
        return [.. wanted.Select(Unused)];

        string Unused(string name)
        {
            string unused = name;
            for (int i = 2; !used.Add(unused); i++)
            {
                string numbered = $"{name}-{i}";
                unused = plain.Contains(numbered) ? unused : numbered;
            }

            return unused;
        }
    }
}
