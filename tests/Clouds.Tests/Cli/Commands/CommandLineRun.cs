using Clouds.Cli.Commands;

namespace Clouds.Tests.Cli.Commands;

/// <summary>A command line that was run in this process.</summary>
internal sealed record CommandLineRun(int ExitCode, string Out, string Error)
{
    public static CommandLineRun Of(IReadOnlyList<Verb> verbs, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = new CommandDispatcher(verbs, output, error, CancellationToken.None).Run(arguments);
        return new CommandLineRun(code, output.ToString(), error.ToString());
    }
}
