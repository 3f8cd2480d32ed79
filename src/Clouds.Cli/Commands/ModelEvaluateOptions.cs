using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs that measure a foundation model.</summary>
internal class ModelEvaluateOptions : CommonOptions
{
    [Value(0, MetaName = "MODEL", Required = true, HelpText = "The model, a file or a folder.")]
    public string Model { get; set; } = "";

    [Option("count", MetaValue = "N", HelpText = "How much is looked at, drawn by the seed; 0: all.")]
    public int? Count { get; set; }

    [Option("seed", MetaValue = "N", Default = 1L, HelpText = "Seed of everything that is drawn. Default: 1.")]
    public long Seed { get; set; } = 1;

    [Option("threads", MetaValue = "N", HelpText = "Short for execution.threads: processor threads; 0: one a processor. The numbers are the same for any.")]
    public int? Threads { get; set; }

    [Option("out", MetaValue = "DIR", HelpText = "Folder for evaluation.json, and for pictures where there are some.")]
    public string? Out { get; set; }

    protected override IEnumerable<string> Shorthands => [.. base.Shorthands, .. Threads is null ? Array.Empty<string>() : [$"execution.threads={Threads}"]];

    /// <summary>Refuses numbers out of range, before anything is opened.</summary>
    /// <param name="verb">Whose options they are.</param>
    /// <exception cref="CloudsException">Usage.</exception>
    public virtual void Require(string verb)
    {
        RequireAtLeast(verb, "--count", Count ?? 0, 0);
        RequireAtLeast(verb, "--seed", Seed, 0);
    }

    /// <summary>Refuses a number that is too low.</summary>
    protected static void RequireAtLeast(string verb, string option, long found, long least)
    {
        if (found < least)
        {
            throw new CloudsException(
                Failure.Usage, "an option is out of range", $"clouds {verb}", $"{option} {found}", $"{least} or more", "correct the option");
        }
    }
}

/// <summary>Options of the verbs that measure one on a data set.</summary>
internal class HeldOutOptions : ModelEvaluateOptions
{
    [Option("data", MetaValue = "SPEC", Required = true, HelpText = "What it is measured on, and has not learned from.")]
    public string Data { get; set; } = "";
}
