using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Spectre.Console;

namespace Clouds.Cli.Commands;

/// <summary>Finds the verb that a command line names, parses its options and runs it; every failure ends here as an exit code.</summary>
internal sealed class CommandDispatcher
{
    private readonly IReadOnlyList<Verb> _verbs;
    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly CancellationToken _cancellation;

    /// <param name="verbs">Every verb but help, which is built in.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="cancellation">Cancelled by the first Ctrl-C.</param>
    public CommandDispatcher(IReadOnlyList<Verb> verbs, TextWriter output, TextWriter error, CancellationToken cancellation) =>
        (_verbs, _out, _error, _cancellation) = (verbs, output, error, cancellation);

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> arguments)
    {
        // Known before parsing, so that even a command line that cannot be parsed fails in the form that was asked for.
        bool json = arguments.Contains("--json");
        bool verbose = arguments.Contains("--verbose");
        try
        {
            return Dispatch(arguments, json);
        }
        catch (Exception failure)
        {
            return ErrorPrinter.Print(_error, failure, json, verbose);
        }
    }

    private int Dispatch(IReadOnlyList<string> arguments, bool json)
    {
        List<string> words = [.. arguments];
        bool help = words.Take(EndOfOptions(words)).Any(word => word is "--help" or "-h") || words is [] or ["help", ..];
        words.RemoveAll(word => help && word is "--help" or "-h" or "help");
        if (words is ["--version"])
        {
            words = ["version"];
        }

        if (words is [])
        {
            HelpPage.WriteOverview(_out, _verbs);
            return ExitCodes.Success;
        }

        return Find(words) is (Verb verb, int used) ? RunVerb(verb, words[used..], help, json) : RunGroup(words, help);
    }

    private int RunVerb(Verb verb, List<string> rest, bool help, bool json)
    {
        if (help)
        {
            HelpPage.Write(_out, verb);
            return ExitCodes.Success;
        }

        CommonOptions options = OptionParser.Parse(verb, rest);
        return verb.Run(options, Context(json));
    }

    // `clouds data` alone lists the verbs that begin with "data"; anything else is unknown.
    private int RunGroup(List<string> words, bool help)
    {
        string[] seconds = [.. _verbs.Where(verb => verb.Name.StartsWith($"{words[0]} ", StringComparison.Ordinal)).Select(verb => verb.Name)];
        if (seconds.Length > 0 && (words.Count == 1 || help))
        {
            HelpPage.WriteOverview(help ? _out : _error, _verbs, words[0]);
            return help ? ExitCodes.Success : (int)Failure.Usage;
        }

        string typed = seconds.Length > 0 && words.Count > 1 ? $"{words[0]} {words[1]}" : words[0];
        string? near = NearestName.Find(typed, [.. _verbs.Select(verb => verb.Name), .. _verbs.Select(verb => verb.Name.Split(' ')[0]), "help"]);
        throw new CloudsException(
            Failure.Usage,
            "the verb is unknown",
            null,
            $"'{typed}'",
            near is null ? string.Join(", ", _verbs.Select(verb => verb.Name)) : $"'{near}'",
            near is null ? "`clouds help` explains the verbs" : $"did you mean `clouds {near}`?");
    }

    private (Verb Verb, int Words)? Find(List<string> words)
    {
        foreach (int count in (int[])[2, 1])
        {
            string name = string.Join(' ', words.Take(count));
            if (words.Count >= count && _verbs.FirstOrDefault(verb => verb.Name == name) is Verb verb)
            {
                return (verb, count);
            }
        }

        return null;
    }

    private VerbContext Context(bool json)
    {
        bool terminal = ReferenceEquals(_out, System.Console.Out) && !System.Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(_out),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        bool live = ReferenceEquals(_error, System.Console.Error) && !System.Console.IsErrorRedirected;
        ProgressStyle style = json ? ProgressStyle.Json : live ? ProgressStyle.Live : ProgressStyle.Plain;
        return new VerbContext(_out, _error, console, new ProgressDisplay(_error, style, TimeProvider.System), _cancellation);
    }

    private static int EndOfOptions(List<string> words) => words.IndexOf("--") is int end and >= 0 ? end : words.Count;
}
