using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Kernels;

/// <summary>
/// Checks of kernels on a GPU: compilation, results against the processor's twin, and on an emulated one everything that only an emulator sees.
/// </summary>
/// <param name="toolchain">Compiler.</param>
/// <param name="plan">Kernels and seeds.</param>
public sealed class GpuVerifier(KernelToolchain toolchain, VerificationPlan plan)
{
    private const string Compiles = "compiles";
    private const string Resources = "resources";
    private const string Ptx = "ptx";
    private const string Twin = "twin";
    private const string Repeats = "repeats";
    private const string Races = "races";
    private const string Memory = "memory";
    private const string Returned = "returned";
    private const string Bytes = "bytes";

    // The race detector takes most of the time.
    private const ulong RaceSeeds = 2;
    private const ulong OtherSchedule = 1_000_003;
    private readonly Dictionary<(string Kernel, ulong Seed), (KernelProblem Problem, IReadOnlyList<KernelOutput> Twin)> _solved = [];

    /// <summary>Architectures that every kernel has to support.</summary>
    public static IReadOnlyList<int> Architectures { get; } = [70, 75, 80, 86, 89, 90];

    /// <summary>Checks on an emulated GPU.</summary>
    public static IReadOnlyList<string> EmulatedChecks { get; } = [Compiles, Resources, Ptx, Twin, Repeats, Races, Memory, Returned, Bytes];

    /// <summary>Checks on a real GPU.</summary>
    public static IReadOnlyList<string> CudaChecks { get; } = [Compiles, Resources, Twin, Repeats, Returned];

    /// <summary>Runs the matrix on emulated GPUs.</summary>
    /// <param name="start">Starts an emulator.</param>
    /// <param name="architectures">Compute capabilities times ten.</param>
    /// <param name="progress">Told after each line; may be null.</param>
    /// <param name="cancellation">Asked between lines.</param>
    public VerificationReport RunEmulated(
        Func<EmulationSettings, IEmulatedDriver> start, IReadOnlyList<int> architectures, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        toolchain.RequireCompiler();
        List<VerifiedKernel> lines = [];
        foreach ((KernelFamily family, int architecture) in plan.Families.SelectMany(family => architectures.Select(architecture => (family, architecture))))
        {
            cancellation.ThrowIfCancellationRequested();
            CheckSheet sheet =
                new(family.Name, $"sm_{architecture}", EmulatedChecks, $"clouds kernels verify --device emulated --kernel {family.Name} --arch {architecture}");
            if (Compile(sheet, family, architecture, ceilings: true) is { } code)
            {
                Run(sheet, family, code, () => KernelMachine.Over(start(new EmulationSettings(architecture)), toolchain));
            }

            lines.Add(sheet.Close());
            progress?.Report(new ProgressReport("verify", lines.Count, plan.Families.Count * architectures.Count));
        }

        return new VerificationReport("emulated", EmulatedChecks, lines);
    }

    /// <summary>Runs the matrix on a GPU of this machine.</summary>
    /// <param name="device">"cuda:N".</param>
    /// <param name="progress">Told after each line; may be null.</param>
    /// <param name="cancellation">Asked between lines.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: no GPU, no driver or no compiler.</exception>
    public VerificationReport RunCuda(DeviceName device, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        KernelMachine Open() => KernelMachine.Open(device, toolchain)!;
        List<VerifiedKernel> lines = [];
        (string name, int architecture) = Describe(Open);
        toolchain.RequireCompiler();
        foreach (KernelFamily family in plan.Families)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckSheet sheet = new(family.Name, $"sm_{architecture}", CudaChecks,
                $"clouds kernels verify --device {device} --kernel {family.Name}{(plan.Size == ProblemSize.Full ? " --full" : "")}");

            // Compilers later than the one of the ceilings may take other registers; spills are spills.
            if (Compile(sheet, family, architecture, ceilings: false) is { } code)
            {
                Run(sheet, family, code, Open);
            }

            lines.Add(sheet.Close());
            progress?.Report(new ProgressReport("verify", lines.Count, plan.Families.Count));
        }

        return new VerificationReport($"{device}: {name}", CudaChecks, lines);
    }

    private static (string Name, int Architecture) Describe(Func<KernelMachine> open)
    {
        using KernelMachine machine = open();
        return (machine.Gpu.Name, machine.Gpu.Architecture);
    }

    private IReadOnlyList<CompiledKernel>? Compile(CheckSheet sheet, KernelFamily family, int architecture, bool ceilings)
    {
        try
        {
            CompiledKernel[] code = [.. family.Files.Select(file => toolchain.Compiler.Compile(KernelSource.Load(file), architecture))];
            sheet.Pass(Compiles);
            IEnumerable<string?> complaints = code.SelectMany(file => file.Resources)
                .Select(used => ceilings || used.SpillBytes + used.StackBytes > 0 ? KernelCeilings.Complaint(used) : null);
            sheet.Judge(Resources, complaints.FirstOrDefault(complaint => complaint is not null));
            return code;
        }
        catch (CloudsException failure) when (failure.Failure == Failure.Device)
        {
            sheet.Fail(Compiles, failure.Message);
            return null;
        }
    }

    private void Run(CheckSheet sheet, KernelFamily family, IReadOnlyList<CompiledKernel> code, Func<KernelMachine> open)
    {
        ulong seed = plan.FirstSeed;
        using KernelMachine machine = open();
        try
        {
            if (sheet.Has(Ptx))
            {
                foreach ((string file, CompiledKernel compiled) in family.Files.Zip(code))
                {
                    CudaModule.Load(machine.Gpu.Context, file, [], toolchain.Rewrite?.Invoke(compiled.Ptx) ?? compiled.Ptx).Dispose();
                }

                sheet.Pass(Ptx);
            }

            foreach (ulong next in plan.AllSeeds)
            {
                seed = next;
                Compare(sheet, machine, family, seed);
            }

            if (sheet.Has(Bytes))
            {
                sheet.Pass(Races);
                sheet.Pass(Memory);
                Count(sheet, machine, family);
            }

            sheet.Judge(Returned, machine.Close());
        }
        catch (Exception failure) when (failure is CloudsException or ArgumentException)
        {
            (string check, string message) = Explain(machine.Emulator?.Fault, failure);
            sheet.Fail(sheet.Has(check) ? check : Twin, message, seed);
        }
    }

    private void Compare(CheckSheet sheet, KernelMachine machine, KernelFamily family, ulong seed)
    {
        (KernelProblem problem, IReadOnlyList<KernelOutput> twin) = Solved(family, seed);
        machine.Emulator?.Schedule(seed, detectRaces: seed - plan.FirstSeed < RaceSeeds);
        IReadOnlyList<KernelOutput> found = machine.Solve(problem);
        sheet.Judge(Twin, Explained(KernelOutput.Difference(twin, found, "processor", "GPU"), problem), seed);
        machine.Emulator?.Schedule(seed + OtherSchedule, detectRaces: false);
        sheet.Judge(Repeats, Explained(KernelOutput.Difference(found, machine.Solve(problem), "first run", "second run", bits: true), problem), seed);
        sheet.Judge(Returned,
            machine.Gpu.Context.OpenBuffers is long open and > 0 ? $"{open} buffers of device memory are still taken after a run" : null, seed);
    }

    private static void Count(CheckSheet sheet, KernelMachine machine, KernelFamily family)
    {
        CountedBytes counted = CountedBytes.Of(machine, family);
        string ratio = string.Create(CultureInfo.InvariantCulture, $"{counted.MemoryRatio:0.00}/{counted.Ratio:0.00}");
        sheet.Bytes = counted;
        string[] complaints = [.. counted.Complaints];
        if (complaints.Length == 0)
        {
            sheet.Pass(Bytes, ratio);
        }
        else
        {
            sheet.Fail(Bytes, $"{string.Join("; ", complaints)} ({counted.Problem})", detail: ratio);
        }
    }

    private static string? Explained(string? difference, KernelProblem problem) => difference is null ? null : $"{difference} ({problem.Size})";

    private static (string Check, string Message) Explain(EmulatedFault? fault, Exception failure) => fault?.Defect switch
    {
        null => (Twin, failure.Message),
        EmulatedDefect.Race => (Races, fault.Message),
        EmulatedDefect.Memory => (Memory, fault.Message),
        EmulatedDefect.Ptx => (Ptx, fault.Message),
        EmulatedDefect.Execution => (Twin, fault.Message),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Defect, "unknown defect"),
    };

    // The same problems for every architecture: the twin solves each once.
    private (KernelProblem Problem, IReadOnlyList<KernelOutput> Twin) Solved(KernelFamily family, ulong seed)
    {
        if (!_solved.TryGetValue((family.Name, seed), out (KernelProblem Problem, IReadOnlyList<KernelOutput> Twin) solved))
        {
            if (_solved.Keys.Any(key => key.Kernel != family.Name))
            {
                _solved.Clear();
            }

            KernelProblem problem = family.Make(plan.Size, seed);
            _solved[(family.Name, seed)] = solved = (problem, problem.OnCpu(threads: plan.Size == ProblemSize.Full ? plan.Threads : 1));
        }

        return solved;
    }
}
