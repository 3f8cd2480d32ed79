using System.Runtime.InteropServices;
using Clouds.Cli.Console;
using Clouds.Cli.Runs;

namespace Clouds.Cli.Commands;

/// <summary>`clouds version`.</summary>
internal sealed class VersionVerb : Verb<VersionVerb.Options>
{
    public override string Name => "version";

    public override string Summary => "print the version";

    public override string Description => "Prints the version of Clouds.Native, the .NET runtime and the platform on one line.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds version", "One line for a bug report."),
        new("clouds version --json", "The same as an object."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        string version = RunMachine.Program;
        string text = options.Json
            ? JsonText.Line(new { version, runtime = RuntimeInformation.FrameworkDescription, platform = RuntimeInformation.RuntimeIdentifier })
            : $"clouds {version}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}";
        context.Out.WriteLine(text);
        return ExitCodes.Success;
    }

    /// <summary>No options but the common ones.</summary>
    internal sealed class Options : CommonOptions;
}
