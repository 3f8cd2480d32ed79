namespace Clouds.Diagnostics;

/// <summary>The kinds of failure a user can meet; each is also the process's exit code.</summary>
public enum Failure
{
    /// <summary>A defect of Clouds.Native itself.</summary>
    Internal = 1,

    /// <summary>The command line or the configuration is wrong.</summary>
    Usage = 2,

    /// <summary>An input file is missing, truncated, mis-shaped or hostile.</summary>
    BadInput = 3,

    /// <summary>A weight file does not fit the network.</summary>
    Weights = 4,

    /// <summary>An output cannot be written: permissions, full disk.</summary>
    Output = 5,

    /// <summary>A device, a driver or a native library is missing or failed.</summary>
    Device = 6,

    /// <summary>The computation itself went wrong: a weight, an answer or a loss is not finite.</summary>
    Numeric = 7,

    /// <summary>Stopped by Ctrl-C; what was done is saved.</summary>
    Interrupted = 130,
}

/// <summary>
/// The one exception of Clouds.Native: what happened, where, what was found and expected, and what to do next.
/// </summary>
public class CloudsException : Exception
{
    /// <summary>A failure that a user can act on.</summary>
    /// <param name="failure">Kind of failure and exit code.</param>
    /// <param name="what">One sentence, no full stop.</param>
    /// <param name="where">File, tensor, key or call; null where there is none.</param>
    /// <param name="found">What was there.</param>
    /// <param name="expected">What should have been there.</param>
    /// <param name="next">What to do next.</param>
    /// <param name="inner">The failure underneath.</param>
    public CloudsException(
        Failure failure, string what, string? where = null, string? found = null, string? expected = null, string? next = null, Exception? inner = null)
        : base(Compose(what, where, found, expected, next), inner)
    {
        Failure = failure;
        What = what;
        Where = where;
        Found = found;
        Wanted = expected;
        Next = next;
    }

    /// <summary>Kind of failure.</summary>
    public Failure Failure { get; }

    /// <summary>
    /// Whether the fault lies in what was handed in: an option, an input file, a model (Usage, BadInput, Weights). The same call fails again with it and
    /// works with another, so a host answers whoever sent it and goes on. False where the machine, an output or this library failed: somebody has to look.
    /// </summary>
    public bool Expected => Failure is Failure.Usage or Failure.BadInput or Failure.Weights;

    /// <summary>One sentence.</summary>
    public string What { get; }

    /// <summary>File, tensor, key or call.</summary>
    public string? Where { get; }

    /// <summary>What was there.</summary>
    public string? Found { get; }

    /// <summary>What should have been there.</summary>
    public string? Wanted { get; }

    /// <summary>What to do next.</summary>
    public string? Next { get; }

    private static string Compose(string what, string? where, string? found, string? expected, string? next)
    {
        IEnumerable<string?> lines =
        [
            what,
            Line("where", where),
            Line("found", found),
            Line("expected", expected),
            Line("next", next),
        ];
        return string.Join(Environment.NewLine, lines.Where(line => line is not null));
    }

    private static string? Line(string name, string? text) => text is null ? null : $"  {name,-9} {text}";
}
