namespace Clouds.Verification.Kernels;

/// <summary>How a check ended.</summary>
public enum CheckMark
{
    /// <summary>It was not made: an earlier one failed, or it does not apply.</summary>
    NotMade,

    /// <summary>It held.</summary>
    Passed,

    /// <summary>It did not.</summary>
    Failed,
}

/// <summary>One cell of the matrix.</summary>
/// <param name="Mark">How it ended.</param>
/// <param name="Detail">A figure that belongs to it; may be null.</param>
public sealed record CheckResult(CheckMark Mark, string? Detail = null);

/// <summary>A check that did not hold.</summary>
/// <param name="Check">Name of the check.</param>
/// <param name="Message">What was found; for outputs the first element that differs, with both values.</param>
/// <param name="Seed">Seed of problem and schedule; null where no seed matters.</param>
/// <param name="Repeat">Command line that shows it again.</param>
public sealed record KernelFailure(string Check, string Message, ulong? Seed, string Repeat);

/// <summary>One line of the matrix.</summary>
/// <param name="Kernel">Kernel family.</param>
/// <param name="Architecture">sm_80, or the processor's vectors.</param>
/// <param name="Checks">Every check of the device by name, in order.</param>
/// <param name="Failures">What the failed ones found.</param>
/// <param name="Bytes">Counted bytes; null where nobody counts.</param>
/// <param name="Digest">Stands for all outputs on the processor; null on a GPU.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record VerifiedKernel(
    string Kernel, string Architecture, IReadOnlyDictionary<string, CheckResult> Checks,
    IReadOnlyList<KernelFailure> Failures, CountedBytes? Bytes, string? Digest, double Seconds)
{
    /// <summary>Whether nothing failed.</summary>
    public bool Passed => Failures.Count == 0;
}

/// <summary>The whole matrix.</summary>
/// <param name="Device">What ran.</param>
/// <param name="Checks">Names of its checks, in order.</param>
/// <param name="Kernels">Lines.</param>
public sealed record VerificationReport(string Device, IReadOnlyList<string> Checks, IReadOnlyList<VerifiedKernel> Kernels)
{
    /// <summary>Checks that held.</summary>
    public int Passed => Count(CheckMark.Passed);

    /// <summary>Checks that did not.</summary>
    public int Failed => Count(CheckMark.Failed);

    /// <summary>Checks that were not made.</summary>
    public int NotMade => Count(CheckMark.NotMade);

    private int Count(CheckMark mark) => Kernels.Sum(kernel => kernel.Checks.Values.Count(check => check.Mark == mark));
}

/// <summary>What is to be verified.</summary>
/// <param name="Families">Kernels.</param>
/// <param name="FirstSeed">Seed of the first problem and schedule.</param>
/// <param name="Seeds">How many seeds.</param>
/// <param name="Size">Size of the problems.</param>
/// <param name="Threads">Of the processor's kernels: compared with one thread, or at work on full problems for a GPU; 0: several, and one a processor.</param>
public sealed record VerificationPlan(
    IReadOnlyList<KernelFamily> Families, ulong FirstSeed, int Seeds, ProblemSize Size = ProblemSize.Small, int Threads = 0)
{
    /// <summary>The seeds.</summary>
    public IEnumerable<ulong> AllSeeds => Enumerable.Range(0, Seeds).Select(i => FirstSeed + (ulong)i);
}
