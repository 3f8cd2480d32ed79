using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Verification.Benchmarks;

/// <summary>A time as it was saved.</summary>
/// <param name="Ms">Median of the samples.</param>
/// <param name="MsMin">Best sample; the median where nobody saved it.</param>
public sealed record BenchFigure(double Ms, double MsMin)
{
    /// <summary>By which share the median lies above the best sample: what the machine's other work may have added.</summary>
    public double Noise => (Ms / MsMin) - 1;
}

/// <summary>What two figures say of each other.</summary>
public enum BenchVerdict
{
    /// <summary>The second took less time, by more than both are noisy.</summary>
    Faster,

    /// <summary>It took more.</summary>
    Slower,

    /// <summary>They differ by no more than their noise.</summary>
    Same,

    /// <summary>One of them is so noisy that nothing can be said.</summary>
    Noisy,
}

/// <summary>A piece of work that two runs timed.</summary>
/// <param name="Work">Kernel, problem and threads, or map and peer.</param>
/// <param name="Old">In the first file.</param>
/// <param name="New">In the second.</param>
public sealed record ComparedTime(string Work, BenchFigure Old, BenchFigure New)
{
    /// <summary>Figures that are noisier than this are not compared.</summary>
    public const double NoisiestShare = 0.25;

    /// <summary>Above 1: the second is faster.</summary>
    public double Speedup => Old.Ms / New.Ms;

    /// <summary>What may be concluded.</summary>
    public BenchVerdict Verdict
    {
        get
        {
            double noise = Math.Max(Old.Noise, New.Noise);
            return noise > NoisiestShare ? BenchVerdict.Noisy
                : Speedup > 1 + noise ? BenchVerdict.Faster
                : 1 / Speedup > 1 + noise ? BenchVerdict.Slower
                : BenchVerdict.Same;
        }
    }
}

/// <summary>Compares two saved results of `clouds bench kernels` or `clouds bench networks`, documents or lines.</summary>
public static class BenchComparison
{
    /// <summary>The figures of a file by work.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: the file is missing or holds no results.</exception>
    public static IReadOnlyDictionary<string, BenchFigure> Read(string path)
    {
        string text = System.Text.Encoding.UTF8.GetString(WholeFile.Read(path)).TrimStart('\uFEFF');
        try
        {
            Dictionary<string, BenchFigure> times = Parse(text);
            return times.Count == 0 ? throw Damaged(path, "no timed work", null)
                : times.FirstOrDefault(time => !(time.Value is { MsMin: > 0, Ms: < double.PositiveInfinity } figure && figure.Ms >= figure.MsMin)) is
                    { Key: string work } ? throw Damaged(path, $"no time above 0 for {work}", null)
                : times;
        }
        catch (JsonException e)
        {
            throw Damaged(path, $"no JSON at line {e.LineNumber + 1}", e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(path, "JSON of another kind", e);
        }
        catch (ArgumentException e)
        {
            throw Damaged(path, "the same work twice", e);
        }
    }

    /// <summary>What both have, in the order of the second.</summary>
    public static IReadOnlyList<ComparedTime> Compare(
        IReadOnlyDictionary<string, BenchFigure> first, IReadOnlyDictionary<string, BenchFigure> second)
        => [.. second.Where(pair => first.ContainsKey(pair.Key)).Select(pair => new ComparedTime(pair.Key, first[pair.Key], pair.Value))];

    /// <summary>The key of a kernel's row.</summary>
    public static string Key(string kernel, string problem, int threads) => $"{kernel}, {problem}, {threads} thread{(threads == 1 ? "" : "s")}";

    /// <summary>The key of a kernel's row on a GPU.</summary>
    public static string Key(string kernel, string problem, string gpu) => $"{kernel}, {problem}, {gpu}";

    private static Dictionary<string, BenchFigure> Parse(string text) => text.TrimStart().StartsWith('{') && TryDocument(text) is JsonElement document
        ? new Dictionary<string, BenchFigure>(
            [.. OnProcessor(document, "kernels", "kernel"), .. OnProcessor(document, "networks", "network"), .. OnGpu(document)])
        : Lines(text).ToDictionary(line => $"{Text(line, "map")}, {Text(line, "peer")}", line => Figure(line, "ms_median", "ms_min"));

    private static IEnumerable<JsonElement> Lines(string text)
        => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => JsonElement.Parse(line));

    // A document holds kernels or networks.
    private static IEnumerable<KeyValuePair<string, BenchFigure>> OnProcessor(JsonElement document, string rows, string name)
        => document.TryGetProperty(rows, out JsonElement list)
            ? list.EnumerateArray().Select(row => KeyValuePair.Create(
                Key(Text(row, name), Text(row, "problem"), row.GetProperty("threads").GetInt32()), Figure(row, "msMedian", "msMin")))
            : [];

    // Files of earlier versions know no GPU.
    private static IEnumerable<KeyValuePair<string, BenchFigure>> OnGpu(JsonElement document)
        => document.TryGetProperty("gpu", out JsonElement gpu) && gpu.ValueKind == JsonValueKind.Object
            ? gpu.GetProperty("kernels").EnumerateArray().Select(row => KeyValuePair.Create(
                Key(Text(row, "kernel"), Text(row, "problem"), Text(gpu, "name")), Figure(row, "msMedian", "msMin")))
            : [];

    // And no best sample.
    private static BenchFigure Figure(JsonElement row, string median, string least)
    {
        double ms = row.GetProperty(median).GetDouble();
        return new BenchFigure(ms, row.TryGetProperty(least, out JsonElement best) ? best.GetDouble() : ms);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    /// <summary>The text as one document with kernels or networks, or null: it may be lines.</summary>
    private static JsonElement? TryDocument(string text)
    {
        try
        {
            JsonElement root = JsonElement.Parse(text);
            return root.ValueKind == JsonValueKind.Object && (root.TryGetProperty("kernels", out _) || root.TryGetProperty("networks", out _)) ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CloudsException Damaged(string path, string found, Exception? inner) =>
        new(Failure.BadInput, "bench results cannot be read", path, found, "the output of clouds bench, with --json", "save the results again", inner);
}
