using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Runtime.Devices;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds verify`.</summary>
/// <param name="modules">What can be computed.</param>
/// <param name="emulate">Starts the driver of the emulated device.</param>
internal sealed class VerifyVerb(IReadOnlyCollection<IGoldenModule> modules, Func<EmulationSettings, IEmulatedDriver> emulate) : Verb<VerifyVerb.Options>
{
    public override string Name => "verify";

    public override string Summary => "check that this machine computes what the reference computed";

    public override string Description =>
        "Runs every golden case below DIR (MODULE/CASE/case.json; DIR may also be one module's or one case's folder), compares each "
        + "output with the recorded one, and prints module, case, tensor, largest error over tolerance, and pass or fail. case.json "
        + "alone decides configuration, outputs and tolerances. At most 1 of the tolerance passes.\n\n"
        + "On a GPU the CUDA kernels take part, and TF32 is off, whatever execution.cuda.precision says: the reference was computed in single "
        + "precision. With --device emulated they do without a GPU: wherever an "
        + "operator or a step has one, its compiled code runs in an emulator, and the rest on the processor. That needs NVRTC, CUDA's "
        + "run-time compiler.\n\n"
        + "One line a case shows its worst tensor; every failing tensor is listed. The last line counts cases.\n\n"
        + "Supported modules: " + (modules.Count == 0 ? "none" : string.Join(", ", modules.Select(module => module.Name).Order(StringComparer.Ordinal))) + ".";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds verify golden", "Every case of every module."),
        new("clouds verify golden --module pixel_decoder --case 'odd*' --all", "Some cases of one module, every tensor."),
        new("clouds verify golden --weights weights.pth", "The cases that also have their weights as torch.save wrote them."),
        new("clouds verify golden --device cuda --json", "On the GPU, as one JSON object."),
        new("clouds verify golden --module criterion --device emulated", "With the CUDA kernels, on a machine without a GPU."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "every case passed, and there was at least one",
        [ExitCodes.Failed] = "a case failed or is not supported, or nothing matched",
    };

    protected override int Run(Options options, VerbContext context)
    {
        ExecutionSettings execution = options.LoadSettings().Value.Execution;
        using Device device = Device.Open(execution.Device, new DeviceSettings
        {
            Use = DeviceUse.NetworksOnKernels,
            Warn = context.Progress.Warn,
            Threads = execution.Threads,
            Cuda = execution.Cuda with { Precision = CudaPrecision.Fp32 },
            Emulator = () => emulate(new EmulationSettings()),
        });
        if (device.Name.Kind == DeviceKind.Cuda)
        {
            context.Progress.Warn($"{device} computes in fp32 here: TF32 is off");
        }

        VerifyRequest request = new(options.Directory, options.Module, options.Case, device, options.Weights);
        ResultWriter writer = new(context.Out, options.All);
        VerifySummary summary = VerifyRunner.Run(request, modules, options.Json ? null : writer, context.Cancellation);
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(Document(summary)));
        }
        else
        {
            WriteEnd(summary, context);
        }

        return summary.Success ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static void WriteEnd(VerifySummary summary, VerbContext context)
    {
        if (summary.Problem is not null)
        {
            context.Error.WriteLine($"clouds: {summary.Problem}");
        }

        context.Out.WriteLine($"{summary.Passed} passed, {summary.Failed} failed");
    }

    private static object Document(VerifySummary summary) => new
    {
        passed = summary.Passed,
        failed = summary.Failed,
        problem = summary.Problem,
        cases = summary.Cases.Select(result => new
        {
            result.Module,
            result.Case,
            result.Passed,
            result.Problem,
            seconds = Math.Round(result.Seconds, 3),
            result.Tensors,
        }),
    };

    /// <summary>Writes each case as it ends, so that a long run shows where it is.</summary>
    private sealed class ResultWriter(TextWriter writer, bool all) : IProgress<CaseResult>
    {
        public void Report(CaseResult value)
        {
            if (value.Problem is not null)
            {
                writer.WriteLine(Line(value, "-", "-", value.Passed));
                writer.WriteLine($"    {value.Problem.ReplaceLineEndings(Environment.NewLine + "    ")}");
                return;
            }

            foreach (TensorResult tensor in value.Tensors.Where(tensor => all || !tensor.Passed || ReferenceEquals(tensor, value.Worst)))
            {
                writer.WriteLine(Line(value, tensor.Tensor, tensor.Ratio.ToString("0.0000", CultureInfo.InvariantCulture), tensor.Passed));
                if (!tensor.Passed && tensor.Detail is not null)
                {
                    writer.WriteLine($"    {tensor.Detail}");
                }
            }
        }

        private static string Line(CaseResult value, string tensor, string ratio, bool passed) =>
            $"{value.Module,-20} {value.Case,-20} {tensor,-40} {ratio,10} {(passed ? "pass" : "FAIL")}";
    }

    /// <summary>What to verify.</summary>
    internal sealed class Options : EmulatedDeviceOptions
    {
        [Value(0, MetaName = "DIR", Required = true, HelpText = "Folder of golden cases.")]
        public string Directory { get; set; } = "";

        [Option("module", MetaValue = "NAME", HelpText = "Only this module; * and ? stand for any text and any character.")]
        public string? Module { get; set; }

        [Option("case", MetaValue = "GLOB", HelpText = "Only cases of this name; * and ? as above.")]
        public string? Case { get; set; }

        [Option("weights", MetaValue = "FILE", HelpText = "Take the weights from this file of each case instead of weights.safetensors, "
            + "for instance weights.pth; cases without it are left out.")]
        public string? Weights { get; set; }

        [Option("all", HelpText = "A line for every tensor, not only for the worst of each case.")]
        public bool All { get; set; }
    }
}
