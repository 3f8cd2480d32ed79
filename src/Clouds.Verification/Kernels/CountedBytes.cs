using System.Globalization;
using System.Text.Json.Serialization;

namespace Clouds.Verification.Kernels;

/// <summary>A figure and its limit.</summary>
/// <param name="What">Name and unit.</param>
/// <param name="Found">The figure.</param>
/// <param name="Limit">The most it may be.</param>
public sealed record BarResult(string What, double Found, double Limit)
{
    /// <summary>Whether the figure keeps to it; counts have no noise, rounding to what is printed is allowed.</summary>
    public bool Passed => Found <= Limit + 0.005;
}

/// <summary>What one kernel entry had in it, a unit of the problem.</summary>
/// <param name="Entry">Kernel entry.</param>
/// <param name="BytesAUnit">Bytes of sectors.</param>
/// <param name="WarpInstructionsAUnit">Instructions issued to warps.</param>
public sealed record EntryCount(string Entry, double BytesAUnit, double WarpInstructionsAUnit);

/// <summary>Bytes that an emulated GPU counted for one problem, beside the least that its card names.</summary>
/// <param name="Kernel">Kernel family.</param>
/// <param name="Problem">Sizes.</param>
/// <param name="LeastBytes">The card's minimum.</param>
/// <param name="Counted">Bytes of 32-byte sectors that warps asked for, nothing cached.</param>
/// <param name="Memory">Bytes of those that move between memory and a second-level cache, empty before each launch.</param>
/// <param name="AllowedRatio">Counted over least may be this.</param>
/// <param name="AllowedMemoryRatio">Memory over least may be this.</param>
/// <param name="Reason">Why counted is more than 1.3 times the least; null where it is not.</param>
/// <param name="Unit">For instance "pixel".</param>
/// <param name="BytesAUnit">Counted bytes a unit.</param>
/// <param name="Bars">Figures with limits of their own.</param>
/// <param name="Entries">Each kernel entry by itself.</param>
public sealed record CountedBytes(
    string Kernel, string Problem, double LeastBytes, double Counted, double Memory, double AllowedRatio, double AllowedMemoryRatio,
    string? Reason, string Unit, double BytesAUnit, IReadOnlyList<BarResult> Bars, IReadOnlyList<EntryCount> Entries)
{
    /// <summary>Counted over least.</summary>
    public double Ratio => Counted / LeastBytes;

    /// <summary>Memory over least.</summary>
    public double MemoryRatio => Memory / LeastBytes;

    /// <summary>Whether ratios and figures keep to their limits.</summary>
    public bool Passed => !Complaints.Any();

    /// <summary>What passes its limit, in words.</summary>
    [JsonIgnore]
    public IEnumerable<string> Complaints =>
    [
        .. Above("asked for by warps", Ratio, AllowedRatio),
        .. Above("moved between memory and an empty second-level cache", MemoryRatio, AllowedMemoryRatio),
        .. Bars.Where(bar => !bar.Passed).Select(bar => string.Create(CultureInfo.InvariantCulture, $"{bar.What}: {bar.Found:0.00}, at most {bar.Limit:0.00}")),
    ];

    /// <summary>Runs a family's problem on an emulated GPU and counts.</summary>
    /// <param name="machine">A machine over an emulator.</param>
    /// <param name="family">Kernels.</param>
    /// <param name="size">Size of the problem.</param>
    /// <param name="seed">Seed of the problem.</param>
    public static CountedBytes Of(KernelMachine machine, KernelFamily family, ProblemSize size = ProblemSize.Counted, ulong seed = 19)
    {
        IEmulatedDriver emulator = machine.Emulator ?? throw new ArgumentException("only an emulated GPU counts bytes", nameof(machine));
        KernelProblem problem = family.Make(size, seed);
        emulator.Schedule(seed, detectRaces: false);
        using KernelRun run = problem.OnGpu(machine.Gpu);
        emulator.ResetCounts();
        run.Launch();
        machine.Gpu.Stream.Synchronise();
        return Of(family.Name, problem, emulator.Counts);
    }

    private IEnumerable<string> Above(string what, double ratio, double allowed)
        => ratio <= allowed ? [] : [string.Create(CultureInfo.InvariantCulture,
            $"{ratio * LeastBytes:0} bytes {what}, the card's least is {LeastBytes:0}: {ratio:0.00} times, at most {allowed:0.00}")];

    private static CountedBytes Of(string kernel, KernelProblem problem, IReadOnlyDictionary<string, LaunchCount> counts)
    {
        KernelWork work = problem.Work;
        double counted = counts.Values.Sum(count => count.Bytes);
        return new CountedBytes(
            kernel,
            problem.Size,
            work.LeastBytes,
            counted,
            counts.Values.Sum(count => count.MemoryBytes),
            work.AllowedRatio,
            work.AllowedMemoryRatio,
            counted > KernelWork.FreeRatio * work.LeastBytes ? work.Reason : null,
            work.Unit,
            counted / work.Units,
            [.. work.Bars.Select(bar => new BarResult(bar.What, bar.Value(counts) / work.Units, bar.Limit))],
            [.. counts.Select(count => new EntryCount(count.Key, count.Value.Bytes / work.Units, count.Value.WarpInstructions / work.Units))]);
    }
}
