using Clouds.Cli.Console;
using Clouds.Cli.Diagnosis;
using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds doctor`.</summary>
/// <param name="checks">What it looks at.</param>
/// <param name="verbs">The verbs whose findings go into an archive, itself among them.</param>
internal sealed class DoctorVerb(IReadOnlyList<IMachineCheck> checks, Func<IReadOnlyList<Verb>> verbs) : Verb<DoctorVerb.Options>
{
    public override string Name => "doctor";

    public override string Summary => "say what this machine offers and what is missing";

    public override string Description =>
        "Looks at the operating system, the processor and its SIMD level, memory, disk space in the current folder, the .NET "
        + "runtime, and the native libraries that Clouds.Native loads, and says where each was found; opens each library that CUDA needs; runs a graph "
        + "with Conv, MatMul and Softmax on the processor and on the GPU and compares the numbers, and says why where that fails. What is missing comes "
        + "with what to do about it. Nothing is changed.\n\n"
        + "What only CUDA would need is not spoken of in the form without it, unless --device, --verbose or --json asks.\n\n"
        + "With --bundle it writes one zip file to send: versions, these findings, a check of every kernel, and a short bench. User and host names "
        + "and folders are taken out of it.\n\n"
        + "To see whether the machine also computes right, run `clouds verify`.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds doctor", "One line for each check; attach it to bug reports."),
        new("clouds doctor --json", "The same for scripts."),
        new("clouds doctor --bundle clouds.zip --device cuda", "Everything about this machine and its GPU in one file, in a minute or two."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "nothing that is needed is missing",
        [(int)Failure.Device] = "something that is needed is missing",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Bundle is not null)
        {
            return Bundle(options, options.Bundle, context);
        }

        List<Finding> findings = [.. checks.SelectMany(Examine)];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(findings));
        }
        else
        {
            bool all = options.Verbose || options.Device is not null
                || findings.Any(finding => finding is { Subject: MachineChecks.CudaProvider, State: FindingState.Good });
            TextTable.Write(context.Console, ["", "what", "found", "next"],
                findings.Where(finding => all || finding.State != FindingState.Absent).Select(Row));
        }

        return findings.Any(finding => finding.State == FindingState.Missing) ? (int)Failure.Device : ExitCodes.Success;
    }

    private int Bundle(Options options, string path, VerbContext context)
    {
        DoctorBundle bundle = new((words, output, error) => new CommandDispatcher(verbs(), output, error, context.Cancellation).Run(words), Anonymity.Here);
        string[] device = options.Device is null ? [] : ["--device", options.Device];
        IReadOnlyDictionary<string, int> codes = bundle.Write(path, device, part => context.Error.WriteLine(part));
        context.Cancellation.ThrowIfCancellationRequested();
        string failed = string.Join(", ", codes.Where(code => code.Value != ExitCodes.Success).Select(code => code.Key));
        string text = options.Json
            ? JsonText.Line(new { path, parts = codes })
            : $"{path}: {codes.Count} parts{(failed.Length == 0 ? "" : $", with failures in {failed}")}; user, host and folders are taken out";
        context.Out.WriteLine(text);
        return ExitCodes.Success;
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

    /// <summary>What to write.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("bundle", MetaValue = "FILE", HelpText = "Write one zip file with versions, findings, a check of the kernels and a short bench.")]
        public string? Bundle { get; set; }
    }
}
