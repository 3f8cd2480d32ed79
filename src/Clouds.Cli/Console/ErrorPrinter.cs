using System.Reflection;
using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;

namespace Clouds.Cli.Console;

/// <summary>The one place where failures become text and an exit code.</summary>
internal static class ErrorPrinter
{
    /// <summary>Writes a failure.</summary>
    /// <param name="error">Usually standard error.</param>
    /// <param name="failure">What was thrown.</param>
    /// <param name="json">One JSON line in place of text.</param>
    /// <param name="verbose">Stack traces too.</param>
    /// <param name="speaker">Which of several processes this is, in front of the message; empty: the first, or the only one.</param>
    /// <returns>The exit code.</returns>
    public static int Print(TextWriter error, Exception failure, bool json, bool verbose, string speaker = "")
    {
        failure = Known(Cause(failure));
        Failure kind = KindOf(failure);
        if ((speaker.Length > 0 && kind == Failure.Interrupted) || failure is RankLossException { Left: true })
        {
            // Rank 0 says the first for all; whoever has left says why.
            return (int)kind;
        }

        string message = speaker + failure switch
        {
            CloudsException known => CommandLineWords.Of(known),
            OperationCanceledException => "stopped before the end",
            _ => Unexpected(failure),
        };
        if (json)
        {
            error.WriteLine(JsonText.Line(new { type = "error", code = (int)kind, failure = kind, message, stack = verbose ? failure.ToString() : null }));
            return (int)kind;
        }

        error.WriteLine($"clouds: {message}");
        if (verbose)
        {
            error.WriteLine();
            error.WriteLine(failure.ToString());
        }

        return (int)kind;
    }

    // What a type's first use meets, and what work on several threads meets, arrives wrapped.
    private static Exception Cause(Exception failure) => failure is TypeInitializationException or TargetInvocationException or AggregateException
        && failure.InnerException is Exception inner ? Cause(inner) : failure;

    // The last line of defence: what files and memory do is no defect of ours, wherever it was not foreseen.
    private static Exception Known(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => Of(Failure.BadInput, "a file or folder is not there", failure, "check the paths"),
        IOException or UnauthorizedAccessException => Of(
            Failure.Output, "a file cannot be read or written", failure, "check its permissions and the free space"),
        OutOfMemoryException => Of(Failure.Device, "the memory does not do for this", failure, "close other programs, or make images or batches smaller"),
        _ => failure,
    };

    private static CloudsException Of(Failure kind, string what, Exception failure, string next) =>
        new(kind, what, null, failure.Message.ReplaceLineEndings(" "), next: next, inner: failure);

    private static Failure KindOf(Exception failure) => failure switch
    {
        CloudsException known => known.Failure,
        OperationCanceledException => Failure.Interrupted,
        _ => Failure.Internal,
    };

    private static string Unexpected(Exception failure) => string.Join(
        Environment.NewLine,
        "this is a defect of Clouds.Native, please report it",
        $"  found     {failure.GetType().FullName}: {failure.Message.ReplaceLineEndings(" ")}",
        $"  next      run the same command with --verbose and report its output and `clouds doctor`");
}
