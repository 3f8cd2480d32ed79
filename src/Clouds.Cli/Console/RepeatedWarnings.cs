using System.Text.RegularExpressions;

namespace Clouds.Cli.Console;

/// <summary>Sentences about files, "FILE: what is wrong": after the third with the same complaint the rest is counted. Not safe for several threads.</summary>
internal sealed partial class RepeatedWarnings
{
    private const int Told = 3;

    private readonly Dictionary<string, (int Count, string Complaint)> _kinds = [];

    /// <summary>Takes a sentence.</summary>
    /// <returns>Whether it should be told now.</returns>
    public bool Hear(string sentence)
    {
        int end = sentence.IndexOf(": ", StringComparison.Ordinal);
        if (end < 0 || !sentence.AsSpan(0, end).Contains('/'))
        {
            return true;
        }

        string complaint = sentence[(end + 2)..];
        string kind = Number().Replace(complaint, "#");
        int count = _kinds.GetValueOrDefault(kind).Count + 1;
        _kinds[kind] = (count, complaint);
        return count <= Told;
    }

    /// <summary>A sentence for each complaint that was not told of all files, and begins anew.</summary>
    public IReadOnlyList<string> Rest()
    {
        string[] rest = [.. _kinds.Values.Where(kind => kind.Count > Told).Select(kind => $"{kind.Count - Told} more files: {kind.Complaint}")];
        _kinds.Clear();
        return rest;
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
