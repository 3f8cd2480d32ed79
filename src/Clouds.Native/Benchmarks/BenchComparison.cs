using System.Text.Json;
using Clouds.Graph.Diagnostics;

namespace Clouds.Native.Benchmarks;

/// <summary>A piece of work that two runs timed.</summary>
/// <param name="Work">Kernel, problem and threads, or map and peer.</param>
/// <param name="OldMs">Median of the first file.</param>
/// <param name="NewMs">Median of the second.</param>
internal sealed record ComparedTime(string Work, double OldMs, double NewMs)
{
    /// <summary>Above 1: the second is faster.</summary>
    public double Speedup => OldMs / NewMs;
}

/// <summary>Compares two saved results of `clouds bench kernels`, documents or lines.</summary>
internal static class BenchComparison
{
    /// <summary>The medians of a file by work.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: the file is missing or holds no results.</exception>
    public static IReadOnlyDictionary<string, double> Read(string path)
    {
        try
        {
            Dictionary<string, double> times = Parse(File.ReadAllText(path));
            return times.Count > 0 ? times : throw Damaged(path, "no timed work", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    /// <summary>What both have, in the order of the second.</summary>
    public static IReadOnlyList<ComparedTime> Compare(IReadOnlyDictionary<string, double> first, IReadOnlyDictionary<string, double> second)
        => [.. second.Where(pair => first.ContainsKey(pair.Key)).Select(pair => new ComparedTime(pair.Key, first[pair.Key], pair.Value))];

    /// <summary>The key of a kernel's row.</summary>
    public static string Key(string kernel, string problem, int threads) => $"{kernel}, {problem}, {threads} thread{(threads == 1 ? "" : "s")}";

    private static Dictionary<string, double> Parse(string text)
    {
        JsonElement[] entries = text.TrimStart().StartsWith('{') && TryDocument(text) is JsonElement document
            ? [.. document.GetProperty("kernels").EnumerateArray()]
            : [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => JsonElement.Parse(line))];
        Dictionary<string, double> times = [];
        foreach (JsonElement entry in entries)
        {
            bool line = entry.TryGetProperty("map", out JsonElement map);
            string key = line
                ? $"{map.GetString()}, {entry.GetProperty("peer").GetString()}"
                : Key(entry.GetProperty("kernel").GetString()!, entry.GetProperty("problem").GetString()!, entry.GetProperty("threads").GetInt32());
            times[key] = entry.GetProperty(line ? "ms_median" : "msMedian").GetDouble();
        }

        return times;
    }

    /// <summary>The text as one document with kernels, or null: it may be lines.</summary>
    private static JsonElement? TryDocument(string text)
    {
        try
        {
            JsonElement root = JsonElement.Parse(text);
            return root.TryGetProperty("kernels", out _) ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CloudsException Damaged(string path, string found, Exception? inner) =>
        new(Failure.BadInput, "bench results cannot be read", path, found, "the output of clouds bench kernels --json", "save the results again", inner);
}
