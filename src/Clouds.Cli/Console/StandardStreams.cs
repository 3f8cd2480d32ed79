using Clouds.Runtime.Native;

namespace Clouds.Cli.Console;

/// <summary>The process's streams as verbs get them: failures of standard output are ours, and standard error knows whether it is a terminal.</summary>
internal static class StandardStreams
{
    private const int ColumnsWhereUnknown = 80;

    /// <summary>Standard output; tables still find out whether it is a terminal.</summary>
    public static TextWriter Output()
    {
        System.Console.SetOut(new ResultWriter(System.Console.Out));
        return System.Console.Out;
    }

    /// <summary>Standard error.</summary>
    public static MessageWriter Error()
    {
        bool terminal = !System.Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        MessageWriter error = new(
            System.Console.Error,
            terminal ? () => TerminalSize.OfStandardError()?.Columns ?? ColumnsWhereUnknown : null,
            () => TerminalSize.OfStandardError()?.Rows);
        System.Console.SetError(error);
        return error;
    }
}
