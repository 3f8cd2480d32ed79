using System.Diagnostics;
using System.Globalization;

namespace Clouds.Verification.Benchmarks;

/// <summary>Times of one piece of work.</summary>
/// <param name="Median">Seconds a call, median of the samples.</param>
/// <param name="Least">Seconds a call, best sample.</param>
/// <param name="Runs">Samples kept.</param>
/// <param name="Quiet">How many of them never waited for a processor.</param>
/// <param name="Inner">Calls a sample.</param>
/// <param name="Cut">Whether its time ran out before disturbed samples had been taken again as often as usual.</param>
public sealed record BenchTime(double Median, double Least, int Runs, int Quiet, int Inner, bool Cut = false);

/// <summary>
/// Wall times on a machine that others use too: after a quarter of a second to warm up, samples of at least 20 ms; a sample in which this process waited
/// for a processor for more than 2 % of the time is thrown away and taken again, up to a limit.
/// </summary>
internal static class BenchClock
{
    private const double WarmUpSeconds = 0.25;
    private const double SampleSeconds = 0.02;
    private const double AllowedWait = 0.02;
    private const string Tasks = "/proc/self/task";

    /// <summary>Times calls.</summary>
    /// <param name="work">Called many times.</param>
    /// <param name="runs">Samples wanted.</param>
    /// <param name="cancellation">Asked between samples.</param>
    /// <param name="longest">Time for all of it, whatever disturbs; at least one sample is taken. Null: as long as it takes.</param>
    public static BenchTime Measure(Action work, int runs, CancellationToken cancellation = default, TimeSpan? longest = null)
    {
        long end = longest is TimeSpan most ? Stopwatch.GetTimestamp() + (long)(most.TotalSeconds * Stopwatch.Frequency) : long.MaxValue;
        double first = WarmUp(work, Math.Min(WarmUpSeconds, longest?.TotalSeconds / 4 ?? WarmUpSeconds));
        int inner = Math.Clamp((int)(SampleSeconds / Math.Max(first, 1e-7)), 1, 10_000);
        List<double> quiet = [];
        List<(double Seconds, double Wait)> noisy = [];
        long limit = Stopwatch.GetTimestamp() + (long)(Math.Max(4, 6 * runs * first * inner) * Stopwatch.Frequency);
        bool More() => Stopwatch.GetTimestamp() < limit || quiet.Count + noisy.Count < runs;
        bool InTime() => Stopwatch.GetTimestamp() < end || quiet.Count + noisy.Count == 0;
        while (quiet.Count < runs && More() && InTime())
        {
            cancellation.ThrowIfCancellationRequested();
            long waited = WaitedNanoseconds();
            double seconds = Seconds(work, inner);
            double wait = (WaitedNanoseconds() - waited) * 1e-9 / (seconds * inner);
            if (wait <= AllowedWait)
            {
                quiet.Add(seconds);
            }
            else
            {
                noisy.Add((seconds, wait));
            }
        }

        List<double> kept = [.. quiet.Concat(noisy.OrderBy(sample => sample.Wait).Select(sample => sample.Seconds)).Take(runs).Order()];
        double median = (kept[(kept.Count - 1) / 2] + kept[kept.Count / 2]) / 2;
        return new BenchTime(median, kept[0], kept.Count, Math.Min(quiet.Count, runs), inner, Cut: quiet.Count < runs && More());
    }

    /// <summary>Calls until the compiler has had its second look at what is called; gives the best call's seconds.</summary>
    private static double WarmUp(Action work, double warmUpSeconds)
    {
        long end = Stopwatch.GetTimestamp() + (long)(warmUpSeconds * Stopwatch.Frequency);
        double best = Math.Min(Seconds(work, 1), Seconds(work, 1));
        while (Stopwatch.GetTimestamp() < end)
        {
            best = Math.Min(best, Seconds(work, 1));
        }

        return best;
    }

    private static double Seconds(Action work, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            work();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    /// <summary>How long the threads of this process have waited on a run queue; 0 where the system does not tell.</summary>
    private static long WaitedNanoseconds()
    {
        if (!Directory.Exists(Tasks))
        {
            return 0;
        }

        long total = 0;
        foreach (string task in Directory.EnumerateDirectories(Tasks))
        {
            try
            {
                string[] fields = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
                total += fields.Length > 1 ? long.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
            }
            catch (IOException)
            {
                // The thread has ended in between.
            }
        }

        return total;
    }
}
