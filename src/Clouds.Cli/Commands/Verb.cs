using Clouds.Cli.Console;
using Clouds.Runtime.Distributed;
using Spectre.Console;

namespace Clouds.Cli.Commands;

/// <summary>What a verb runs in.</summary>
/// <param name="Out">Standard output: results only.</param>
/// <param name="Error">Standard error: progress and failures.</param>
/// <param name="Console">Spectre's view of standard output, for tables.</param>
/// <param name="Progress">Shows the progress of long calls.</param>
/// <param name="Words">The command line as it was given, without the program's name.</param>
/// <param name="Cancellation">Cancelled by the first Ctrl-C.</param>
internal sealed record VerbContext(
    TextWriter Out, TextWriter Error, IAnsiConsole Console, ProgressDisplay Progress, IReadOnlyList<string> Words, CancellationToken Cancellation)
{
    /// <summary>Other processes that do the same work.</summary>
    public RankSession Ranks { get; init; } = new();

    /// <summary>Tells a sentence that every rank would tell.</summary>
    public Action<string> WarnOnce => Ranks.Group.IsFirst ? Progress.Warn : static _ => { };

    /// <summary>Joins the other processes, where there are some, and waits for them: all but rank 0 go on without progress and results.</summary>
    public VerbContext Join(RankSettings settings)
    {
        Ranks.Join(settings);
        return Ranks.Group.IsFirst ? this : this with
        {
            Out = TextWriter.Null,
            Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }),
            Progress = Progress.Of(Ranks.Speaker),
        };
    }
}

/// <summary>A command line and what it is good for.</summary>
internal sealed record Example(string CommandLine, string Purpose);

/// <summary>One verb of `clouds`. Each stands in a file of its own with its options; it parses, calls the library and prints.</summary>
internal abstract class Verb
{
    /// <summary>One or two words, for instance "data check".</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in half a line.</summary>
    public abstract string Summary { get; }

    /// <summary>What it does, reads and writes, in a paragraph or two.</summary>
    public abstract string Description { get; }

    /// <summary>At least one.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>What exit codes mean here where it is more than the general list says.</summary>
    public virtual IReadOnlyDictionary<int, string> ExitNotes => new Dictionary<int, string>();

    /// <summary>Whether processes that are started together would each do all of its work, and write the same files: it is refused to them.</summary>
    public virtual bool IsForOneProcess => false;

    /// <summary>What it does on Ctrl-C before it ends, in a few words.</summary>
    public virtual string OnInterruption => "finishing the present step and saving";

    public abstract Type OptionsType { get; }

    public abstract int Run(CommonOptions options, VerbContext context);
}

/// <summary>A verb with options of its own.</summary>
internal abstract class Verb<TOptions> : Verb
    where TOptions : CommonOptions, new()
{
    public sealed override Type OptionsType => typeof(TOptions);

    public sealed override int Run(CommonOptions options, VerbContext context) => Run((TOptions)options, context);

    /// <summary>Does the work.</summary>
    /// <returns>The exit code; failures are thrown as CloudsException.</returns>
    protected abstract int Run(TOptions options, VerbContext context);
}
