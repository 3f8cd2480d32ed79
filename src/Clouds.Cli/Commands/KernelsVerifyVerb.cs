using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Devices;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds kernels verify`.</summary>
/// <param name="toolchain">Where compiled kernels come from.</param>
/// <param name="emulate">Starts the driver of an emulated GPU.</param>
internal sealed class KernelsVerifyVerb(KernelToolchain toolchain, Func<EmulationSettings, IEmulatedDriver> emulate) : Verb<KernelsVerifyVerb.Options>
{
    private const int MostSeeds = 10_000;

    public override string Name => "kernels verify";

    public override string Summary => "check the hand-written kernels, also on a machine without a GPU";

    public override string Description =>
        "Solves seeded problems with every CUDA kernel and compares the results with the processor's, bit for bit where the kernel's card says so. "
        + "Prints one line for each kernel and architecture with a mark for every check; what failed is explained below the table.\n\n"
        + "emulated: kernels are compiled for each architecture by NVRTC, and an emulator runs the PTX: registers and shared memory against their "
        + "ceilings, no spills, PTX inside the emulator's inventory, equal to the processor, equal in another schedule, no races, no access outside "
        + "its memory or before it is written, every buffer returned, bytes that move through memory and bytes that warps ask for, over the "
        + "minimum of the kernel's card. "
        + "cuda: the machine's GPU, whatever libcuda.so.1 stands for. cpu: the processor's own kernels with one thread and several, and with each "
        + "width of vectors; several are 3 and one a processor, or execution.threads where that is set, and at 1 there is nothing to compare.\n\n"
        + "Kernels: " + string.Join(", ", KernelFamilies.All.Select(family => family.Name)) + ".";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds kernels verify", "Every kernel on what this machine has."),
        new("clouds kernels verify --device emulated --arch 80 --kernel 'point*'", "Some kernels for one architecture, without a GPU."),
        new("clouds kernels verify --device cuda --full --json", "On the GPU with the sizes of training, as one JSON object."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "every check that was made held",
        [ExitCodes.Failed] = "a check failed",
        [(int)Failure.Device] = "no GPU, no driver, or no NVRTC for what was asked; the message says how to get it",
    };

    protected override int Run(Options options, VerbContext context)
    {
        VerificationPlan plan = Plan(options);
        (DeviceName device, string? reason) = Choose(options);
        Check(options, device);
        VerificationReport report = context.Progress.Track(progress => device.Kind switch
        {
            DeviceKind.Cuda => new GpuVerifier(toolchain, plan).RunCuda(device, progress, context.Cancellation),
            DeviceKind.Emulated => new GpuVerifier(toolchain, plan)
                .RunEmulated(emulate, Architectures(options.Arch), progress, context.Cancellation),
            DeviceKind.Cpu => new CpuVerifier(plan).Run(options.OwnVectors ? [] : Narrower(options), progress, context.Cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(options), device, "unknown device"),
        });
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(VerificationTable.Document(report, reason)));
        }
        else
        {
            VerificationTable.Write(context, report, reason);
        }

        return report.Failed > 0 ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static VerificationPlan Plan(Options options)
    {
        KernelFamily[] families = [.. KernelFamilies.All.Where(family => options.Kernel is null || NamePattern.Matches(options.Kernel, family.Name))];
        if (families.Length == 0)
        {
            throw new CloudsException(
                Failure.Usage, "no kernel has this name", "--kernel", options.Kernel, string.Join(", ", KernelFamilies.All.Select(family => family.Name)));
        }

        return options.Seeds is >= 1 and <= MostSeeds
            ? new VerificationPlan(families, options.FirstSeed, options.Seeds, options.Full ? ProblemSize.Full : ProblemSize.Small, Threads(options))
            : throw new CloudsException(
                Failure.Usage, "the number of seeds is wrong", "--seeds", options.Seeds.ToString(CultureInfo.InvariantCulture), $"1 to {MostSeeds}");
    }

    private static int Threads(Options options) => options.LoadSettings().Value.Execution.Threads;

    private static void Check(Options options, DeviceName device)
    {
        if (options.Arch is not null && device != DeviceName.Emulated)
        {
            throw new CloudsException(
                Failure.Usage, "only the emulator has a choice of architectures", "--arch", device.ToString(), "--device emulated");
        }

        if (options.Full && device == DeviceName.Emulated)
        {
            throw new CloudsException(Failure.Usage, "full sizes would take the emulator hours", "--full", "emulated", "--device cuda or cpu");
        }
    }

    private static int[] Architectures(string? text)
    {
        string known = string.Join(", ", GpuVerifier.Architectures);
        return text is null
            ? [.. GpuVerifier.Architectures]
            : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("").Select(word =>
                int.TryParse(word.Replace("sm_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out int number)
                    && GpuVerifier.Architectures.Contains(number)
                    ? number
                    : throw new CloudsException(Failure.Usage, "an architecture is unknown", "--arch", word, known))];
    }

    private static NarrowerRun[] Narrower(Options options)
    {
        string[] arguments =
        [
            "--seeds", options.Seeds.ToString(CultureInfo.InvariantCulture), "--first-seed", options.FirstSeed.ToString(CultureInfo.InvariantCulture),
            "--set", $"execution.threads={Threads(options)}",
            .. options.Kernel is null ? Array.Empty<string>() : ["--kernel", options.Kernel],
            .. options.Full ? ["--full"] : Array.Empty<string>(),
        ];
        return [.. CpuVerifier.NarrowerLevels.Select(level => NarrowerProcess.Run(level, arguments)).OfType<NarrowerRun>()];
    }

    /// <summary>The device to use, and for `auto` why not a GPU; architectures are the emulator's alone.</summary>
    private (DeviceName Device, string? Reason) Choose(Options options)
    {
        DeviceName wanted = options is { Arch: not null, Device: null } ? DeviceName.Emulated : options.LoadSettings().Value.Execution.Device;
        if (wanted != DeviceName.Auto)
        {
            return (wanted, null);
        }

        using Device found = Device.Open(wanted, toolchain.Settings);
        string? reason = found.WhyNotCuda is string whyNot ? $"CUDA is not used: {whyNot}; --device emulated checks its kernels all the same" : null;
        return (found.Name, reason);
    }

    /// <summary>What to verify.</summary>
    internal sealed class Options : EmulatedDeviceOptions
    {
        [Option("kernel", MetaValue = "NAME", HelpText = "Only kernels of this name; * and ? stand for any text and any character.")]
        public string? Kernel { get; set; }

        [Option("arch", MetaValue = "LIST", HelpText = "Architectures of emulated GPUs, for instance 80,90. Default: 70,75,80,86,89,90.")]
        public string? Arch { get; set; }

        [Option("seeds", MetaValue = "N", Default = 5, HelpText = "Problems of each kernel; on the emulator each runs in two schedules.")]
        public int Seeds { get; set; } = 5;

        [Option("first-seed", MetaValue = "N", Default = 1ul, HelpText = "Seed of the first problem and schedule.")]
        public ulong FirstSeed { get; set; } = 1;

        [Option("full", HelpText = "Problems of the sizes of training, on a GPU or the processor.")]
        public bool Full { get; set; }

        [Option("own-vectors", HelpText = "On the processor: do not start processes that use narrower vectors.")]
        public bool OwnVectors { get; set; }
    }
}
