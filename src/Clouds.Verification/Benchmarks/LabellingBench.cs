using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>Connected components of one map, timed; a line that can stand beside other contenders'.</summary>
/// <param name="Map">Name of the map.</param>
/// <param name="Peer">clouds.c4.t1: 4- or 8-connected, threads; clouds.dense where every pixel gets its label too.</param>
/// <param name="Result">Components of a binary map, kept components of a street map.</param>
/// <param name="Time">Seconds.</param>
/// <param name="Pixels">Pixels of the map.</param>
public sealed record LabellingRow(string Map, string Peer, int Result, BenchTime Time, long Pixels)
{
    /// <summary>Millions of pixels a second, from the median.</summary>
    public double Megapixels => Pixels / Time.Median / 1e6;

    /// <summary>Millions of pixels a second, from the best sample.</summary>
    public double MegapixelsBest => Pixels / Time.Least / 1e6;
}

/// <summary>Times connected components on maps of a folder: index.json (name, file, h, w, kind = binary or street) and raw bytes.</summary>
public static class LabellingBench
{
    /// <summary>Street maps keep components with more pixels than this (the paper's reference code).</summary>
    public const int LargerThan = 5000;

    /// <summary>Reads the maps of a folder.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: index.json or a map is missing or damaged.</exception>
    public static IReadOnlyList<BenchMap> Read(string folder)
    {
        string index = Path.Combine(folder, "index.json");
        JsonOrigin origin = new("the index of the label maps", index, Failure.BadInput, "make the maps again");
        return [.. StrictJson.Parse(WholeFile.Read(index), origin).Items().Select(entry => ReadMap(folder, entry))];
    }

    /// <summary>Times every way on every map.</summary>
    /// <param name="maps">Maps.</param>
    /// <param name="threads">Thread counts, each timed by itself.</param>
    /// <param name="runs">Samples.</param>
    /// <param name="longest">Time for all rows; each gets an equal part of what is left.</param>
    /// <param name="cancellation">Asked between samples.</param>
    public static IEnumerable<LabellingRow> Run(
        IReadOnlyList<BenchMap> maps, IReadOnlyList<int> threads, int runs, TimeSpan longest, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        int left = maps.Count * threads.Count * Enum.GetValues<Connectivity>().Length * 2;
        TimeSpan Part() => (longest - Stopwatch.GetElapsedTime(start)) / left--;
        foreach (BenchMap map in maps)
        {
            foreach (int count in threads)
            {
                foreach (Connectivity connectivity in Enum.GetValues<Connectivity>())
                {
                    yield return Time(map, connectivity, dense: false, count, runs, Part(), cancellation);
                    yield return Time(map, connectivity, dense: true, count, runs, Part(), cancellation);
                }
            }
        }
    }

    private static BenchMap ReadMap(string folder, StrictJson entry)
    {
        (int height, int width) = (entry.Get("h").Number(1, int.MaxValue), entry.Get("w").Number(1, int.MaxValue));
        string file = Path.Combine(folder, entry.Get("file").Text());
        byte[] pixels = WholeFile.Read(file);
        return pixels.Length == (long)height * width
            ? new BenchMap(entry.Get("name").Text(), height, width, entry.Get("kind").Text() == "binary", pixels)
            : throw new CloudsException(Failure.BadInput, "a label map has another size than index.json says",
                file, $"{pixels.Length} bytes", $"{height} x {width} bytes", "make the maps again");
    }

    private static LabellingRow Time(
        BenchMap map, Connectivity connectivity, bool dense, int threads, int runs, TimeSpan longest, CancellationToken cancellation)
    {
        ComponentRule rule = map.Binary ? new ComponentRule(connectivity, 0, [0]) : new ComponentRule(connectivity, LargerThan);
        int[] labels = new int[dense ? map.Pixels.Length : 0];
        using ConnectedComponents components = new();
        int result = 0;
        BenchTime time = BenchClock.Measure(
            () => result = (dense
                ? components.Run(map.Pixels, map.Height, map.Width, rule, labels, threads)
                : components.Run(map.Pixels, map.Height, map.Width, rule, threads)).Length,
            runs,
            cancellation,
            longest);
        string peer = $"clouds{(dense ? ".dense" : "")}.c{(connectivity == Connectivity.Four ? 4 : 8)}.t{threads}";
        return new LabellingRow(map.Name, peer, result, time, map.Pixels.Length);
    }
}
