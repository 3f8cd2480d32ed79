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

    /// <summary>Told which verb runs, before it does.</summary>
    public Action<Verb>? Chosen { get; init; }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> arguments)
    {
        bool json = CommandLineOrder.AsksForJson(arguments);
        using RankSession ranks = new();
        try
        {
            return Dispatch(arguments, json, ranks);
        }
        catch (Exception failure)
        {
            int code = ErrorPrinter.Print(_error, failure, json, CommandLineOrder.AsksForMore(arguments), ranks.Speaker);
            ranks.Group.Fail((Failure)code);
            return code;
        }
    }

    private int Dispatch(IReadOnlyList<string> arguments, bool json, RankSession ranks)
    {
        List<string> words = CommandLineOrder.VerbFirst(arguments);
        bool help = words.Take(EndOfOptions(words)).Any(word => word is "--help" or "-h") || words is [] or ["help", ..];
        words.RemoveAll(word => help && word is "--help" or "-h" or "help");
        int flags = words.Count(CommandLineOrder.IsFlag);
        if (words is ["--version", ..])
        {
            words[0] = "version";
        }

        if (words.Count == flags)
        {
            Show(json, page => HelpPage.WriteOverview(page, _verbs));
            return ExitCodes.Success;
        }

        return Find(words) is (Verb verb, int used) ? RunVerb(verb, words[used..], arguments, help, json, ranks) : RunGroup(words, help, json);
    }

    private int RunVerb(Verb verb, List<string> rest, IReadOnlyList<string> arguments, bool help, bool json, RankSession ranks)
    {
        if (help)
        {
            Show(json, page => HelpPage.Write(page, verb));
            return ExitCodes.Success;
        }

        CommonOptions options = OptionParser.Parse(verb, rest);
        if (verb.IsForOneProcess)
        {
            RankSession.RequireAlone(verb.Name);
        }

        Chosen?.Invoke(verb);
        return verb.Run(options, Context(arguments, json) with { Ranks = ranks });
    }

    private void Show(bool json, Action<TextWriter> write)
    {
        using StringWriter page = new();
        write(page);
        _out.Write(json ? JsonText.Line(new { type = "help", text = page.ToString() }) + Environment.NewLine : page.ToString());
    }

    // `clouds data` alone lists the verbs that begin with "data"; anything else is unknown.
    private int RunGroup(List<string> words, bool help, bool json)
    {
        string[] seconds = [.. _verbs.Where(verb => verb.Name.StartsWith($"{words[0]} ", StringComparison.Ordinal)).Select(verb => verb.Name)];
        if (seconds.Length > 0 && help)
        {
            Show(json, page => HelpPage.WriteOverview(page, _verbs, words[0]));
            return ExitCodes.Success;
        }

        string[] typed = [.. words.TakeWhile(word => !word.StartsWith('-')).Take(2)];
        if (seconds.Length > 0 && typed.Length == 1)
        {
            throw new CloudsException(
                Failure.Usage, "the verb lacks its second word", null, $"'{words[0]}'", string.Join(", ", seconds), $"`clouds help {words[0]}` explains them");
        }

        throw Unknown(seconds.Length > 0 ? string.Join(' ', typed) : words[0], typed);
    }

    private CloudsException Unknown(string found, string[] typed)
    {
        string? meant = Swapped(typed)
            ?? NearestName.Find(
                found, [.. _verbs.Select(verb => verb.Name), .. _verbs.Select(verb => verb.Name.Split(' ')[0]), "help", .. CommandLineOrder.Anywhere]);
        return new CloudsException(
            Failure.Usage,
            "the verb is unknown",
            null,
            $"'{found}'",
            meant is null ? string.Join(", ", _verbs.Select(verb => verb.Name)) : $"'{meant}'",
            meant is null ? "`clouds help` explains the verbs" : $"did you mean `clouds {meant}`?");
    }

    // "check data" for "data check", and the second word alone where one verb has it.
    private string? Swapped(string[] typed)
    {
        string[] reversed = [.. _verbs.Select(verb => verb.Name).Where(name => typed is [string first, string second] && name == $"{second} {first}")];
        string[] ending = [.. _verbs.Select(verb => verb.Name).Where(name => typed.Length > 0 && name.EndsWith($" {typed[0]}", StringComparison.Ordinal))];
        return reversed is [string one] ? one : ending is [string only] ? only : null;
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

    private VerbContext Context(IReadOnlyList<string> arguments, bool json)
    {
        bool terminal = ReferenceEquals(_out, System.Console.Out) && !System.Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(_out),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        ProgressStyle style = json ? ProgressStyle.Json : _error is MessageWriter { IsTerminal: true } ? ProgressStyle.Live : ProgressStyle.Plain;
        return new VerbContext(_out, _error, console, new ProgressDisplay(_error, style, TimeProvider.System), arguments, _cancellation);
    }

    private static int EndOfOptions(List<string> words) => words.IndexOf("--") is int end and >= 0 ? end : words.Count;
}
