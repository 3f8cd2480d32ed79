using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>Exit codes and what they mean to somebody who runs `clouds`.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A verb that judges, such as verify, found something wrong; a defect of the program has the same code.</summary>
    public const int Failed = 1;

    /// <summary>Every code in order, with its meaning.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Success, "everything was done"),
        .. Enum.GetValues<Failure>().Order().Select(failure => ((int)failure, Meaning(failure))),
    ];

    public static string Meaning(Failure failure) => failure switch
    {
        Failure.Internal => "a check failed, or the program itself has a defect",
        Failure.Usage => "the command line or the configuration is wrong",
        Failure.BadInput => "an input file is missing, truncated or does not fit",
        Failure.Weights => "a weight file is damaged or does not fit the network",
        Failure.Output => "an output cannot be written",
        Failure.Device => "a device, driver or native library is missing or failed",
        Failure.Numeric => "the computation went wrong: a weight, an answer or a loss is not finite",
        Failure.Interrupted => "stopped by Ctrl-C, SIGTERM or SIGHUP; what was done is saved",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };
}
