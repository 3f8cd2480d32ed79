using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Verification.Benchmarks;

/// <summary>A piece of work that two runs timed.</summary>
/// <param name="Work">Kernel, problem and threads, or map and peer.</param>
/// <param name="OldMs">Median of the first file.</param>
/// <param name="NewMs">Median of the second.</param>
public sealed record ComparedTime(string Work, double OldMs, double NewMs)
{
    /// <summary>Above 1: the second is faster.</summary>
    public double Speedup => OldMs / NewMs;
}

/// <summary>Compares two saved results of `clouds bench kernels`, documents or lines.</summary>
public static class BenchComparison
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    /// <summary>What both have, in the order of the second.</summary>
    public static IReadOnlyList<ComparedTime> Compare(IReadOnlyDictionary<string, double> first, IReadOnlyDictionary<string, double> second)
        => [.. second.Where(pair => first.ContainsKey(pair.Key)).Select(pair => new ComparedTime(pair.Key, first[pair.Key], pair.Value))];

    /// <summary>The key of a kernel's row.</summary>
    public static string Key(string kernel, string problem, int threads) => $"{kernel}, {problem}, {threads} thread{(threads == 1 ? "" : "s")}";

    /// <summary>The key of a kernel's row on a GPU.</summary>
    public static string Key(string kernel, string problem, string gpu) => $"{kernel}, {problem}, {gpu}";

    private static Dictionary<string, double> Parse(string text) => text.TrimStart().StartsWith('{') && TryDocument(text) is JsonElement document
        ? new Dictionary<string, double>(OnProcessor(document).Concat(OnGpu(document)))
        : Lines(text).ToDictionary(
            line => $"{line.GetProperty("map").GetString()}, {line.GetProperty("peer").GetString()}", line => line.GetProperty("ms_median").GetDouble());

    private static IEnumerable<JsonElement> Lines(string text)
        => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => JsonElement.Parse(line));

    private static IEnumerable<KeyValuePair<string, double>> OnProcessor(JsonElement document) => document.GetProperty("kernels").EnumerateArray().Select(row =>
        KeyValuePair.Create(Key(Text(row, "kernel"), Text(row, "problem"), row.GetProperty("threads").GetInt32()), row.GetProperty("msMedian").GetDouble()));

    // Files of earlier versions know no GPU.
    private static IEnumerable<KeyValuePair<string, double>> OnGpu(JsonElement document)
        => document.TryGetProperty("gpu", out JsonElement gpu) && gpu.ValueKind == JsonValueKind.Object
            ? gpu.GetProperty("kernels").EnumerateArray()
                .Select(row => KeyValuePair.Create(Key(Text(row, "kernel"), Text(row, "problem"), Text(gpu, "name")), row.GetProperty("msMedian").GetDouble()))
            : [];

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

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
