using Clouds.Cli.Commands;

namespace Clouds.Tests.Cli.Commands;

/// <summary>A command line that was run in this process.</summary>
internal sealed record CommandLineRun(int ExitCode, string Out, string Error)
{
    public static CommandLineRun Of(IReadOnlyList<Verb> verbs, params string[] arguments)
    {
        using StringWriter error = new();
        return Of(verbs, error, CancellationToken.None, arguments);
    }

    /// <summary>Runs `clouds` as installed.</summary>
    public static CommandLineRun Clouds(params string[] arguments) => Of(VerbList.All, arguments);

    /// <summary>Runs a command line that is interrupted as by Ctrl-C once it has written something that contains a text to standard error.</summary>
    public static CommandLineRun Interrupted(string after, params string[] arguments) => Interrupted(VerbList.All, after, arguments);

    /// <summary>The same of other verbs.</summary>
    public static CommandLineRun Interrupted(IReadOnlyList<Verb> verbs, string after, params string[] arguments)
    {
        using CancellationTokenSource source = new();
        using Trigger error = new(after, source);
        return Of(verbs, error, source.Token, arguments);
    }

    private static CommandLineRun Of(IReadOnlyList<Verb> verbs, StringWriter error, CancellationToken cancellation, string[] arguments)
    {
        using StringWriter output = new();
        int code = new CommandDispatcher(verbs, output, error, cancellation).Run(arguments);
        return new CommandLineRun(code, output.ToString(), error.ToString());
    }

    private sealed class Trigger(string after, CancellationTokenSource source) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(after, StringComparison.Ordinal) == true)
            {
                source.Cancel();
            }
        }
    }
}
