using Clouds.Cli.Console;
using Clouds.Cli.Diagnosis;
using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>`clouds doctor`.</summary>
internal sealed class DoctorVerb(IReadOnlyList<IMachineCheck> checks) : Verb<DoctorVerb.Options>
{
    public override string Name => "doctor";

    public override string Summary => "say what this machine offers and what is missing";

    public override string Description =>
        "Looks at the operating system, the processor and its SIMD level, memory, disk space in the current folder, the .NET "
        + "runtime, and the native libraries that Clouds.Native loads, and says where each was found; runs a small graph on the "
        + "processor and on the GPU, and says why where that fails. What is missing comes with what to do about it. Nothing is changed.\n\n"
        + "To see whether the machine also computes right, run `clouds verify`.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds doctor", "One line for each check; attach it to bug reports."),
        new("clouds doctor --json", "The same for scripts."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "nothing that is needed is missing",
        [(int)Failure.Device] = "something that is needed is missing",
    };

    protected override int Run(Options options, VerbContext context)
    {
        List<Finding> findings = [.. checks.SelectMany(Examine)];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Document(findings));
        }
        else
        {
            TextTable.Write(context.Console, ["", "what", "found", "next"], findings.Select(Row));
        }

        return findings.Any(finding => finding.State == FindingState.Missing) ? (int)Failure.Device : ExitCodes.Success;
    }

    // A check that fails is itself a finding: the doctor must never be the patient.
    private static IReadOnlyList<Finding> Examine(IMachineCheck check)
    {
        try
        {
            return [.. check.Examine()];
        }
        catch (Exception e)
        {
            return [new Finding(check.GetType().Name, FindingState.Warning, $"could not be examined: {e.GetType().Name}: {e.Message}", "report this")];
        }
    }

    private static IReadOnlyList<string> Row(Finding finding) => [Word(finding.State), finding.Subject, finding.Value, finding.Next ?? ""];

    private static string Word(FindingState state) => state switch
    {
        FindingState.Good => "ok",
        FindingState.Warning => "warn",
        FindingState.Absent => "-",
        FindingState.Missing => "MISSING",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>No options but the common ones.</summary>
    internal sealed class Options : CommonOptions;
}
