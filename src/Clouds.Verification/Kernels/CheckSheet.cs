using System.Diagnostics;

namespace Clouds.Verification.Kernels;

/// <summary>A line of the matrix while it is being filled in; a check that failed once stays failed.</summary>
/// <param name="kernel">Kernel family.</param>
/// <param name="architecture">Column "architecture".</param>
/// <param name="checks">Names of all checks.</param>
/// <param name="command">Command line that repeats the kernel on this architecture; the seed is added where there is one.</param>
internal sealed class CheckSheet(string kernel, string architecture, IReadOnlyList<string> checks, string command)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Dictionary<string, CheckResult> _results = checks.ToDictionary(check => check, _ => new CheckResult(CheckMark.NotMade));
    private readonly List<KernelFailure> _failures = [];

    /// <summary>Counted bytes, once they are known.</summary>
    public CountedBytes? Bytes { get; set; }

    /// <summary>Digest of all outputs, once it is known.</summary>
    public string? Digest { get; set; }

    /// <summary>Whether the line has a check.</summary>
    public bool Has(string check) => _results.ContainsKey(check);

    /// <summary>Notes that a check held, unless it failed before.</summary>
    public void Pass(string check, string? detail = null)
    {
        if (_results[check].Mark != CheckMark.Failed)
        {
            _results[check] = new CheckResult(CheckMark.Passed, detail);
        }
    }

    /// <summary>Notes a failure, the first of each check: others would only repeat it.</summary>
    public void Fail(string check, string message, ulong? seed = null, string? detail = null)
    {
        if (_results[check].Mark == CheckMark.Failed)
        {
            return;
        }

        _results[check] = new CheckResult(CheckMark.Failed, detail);
        _failures.Add(new KernelFailure(check, message, seed, seed is null ? command : $"{command} --first-seed {seed} --seeds 1"));
    }

    /// <summary>Passes or fails.</summary>
    /// <param name="check">Name.</param>
    /// <param name="complaint">What is wrong; null = nothing.</param>
    /// <param name="seed">Seed of problem and schedule.</param>
    public void Judge(string check, string? complaint, ulong? seed = null)
    {
        if (complaint is null)
        {
            Pass(check);
        }
        else
        {
            Fail(check, complaint, seed);
        }
    }

    /// <summary>The line.</summary>
    public VerifiedKernel Close()
        => new(kernel, architecture, _results, _failures, Bytes, Digest, Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, 3));
}
