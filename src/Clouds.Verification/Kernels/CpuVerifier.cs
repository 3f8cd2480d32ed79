using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Digests of every kernel on this processor with narrower vectors.</summary>
/// <param name="Level">Vectors that were used, as <see cref="CpuVerifier.Level"/> names them.</param>
/// <param name="Kernels">Lines of a run that used no wider vectors.</param>
public sealed record NarrowerRun(string Level, IReadOnlyList<NarrowerKernel> Kernels);

/// <summary>One kernel of such a run.</summary>
/// <param name="Kernel">Kernel family.</param>
/// <param name="Passed">Whether its own checks held.</param>
/// <param name="Digest">Of all outputs.</param>
public sealed record NarrowerKernel(string Kernel, bool Passed, string Digest);

/// <summary>Checks of the twins on the processor: the same bits for every number of threads and every width of vectors.</summary>
/// <param name="plan">Kernels and seeds.</param>
public sealed class CpuVerifier(VerificationPlan plan)
{
    private const string Threads = "threads";
    private const string Vectors = "vectors";

    /// <summary>Checks on the processor.</summary>
    public static IReadOnlyList<string> Checks { get; } = [Threads, Vectors];

    /// <summary>The widest vectors of this process.</summary>
    public static string Level => SimdLevels.Best.ToString();

    /// <summary>Narrower vectors than this process has, widest first.</summary>
    public static IReadOnlyList<string> NarrowerLevels
        => [.. SimdLevels.All.Where(level => level < SimdLevels.Best).Reverse().Select(level => level.ToString())];

    /// <summary>Runs the matrix.</summary>
    /// <param name="narrower">Runs of other processes, which use narrower vectors; empty compares none.</param>
    /// <param name="progress">Told after each kernel; may be null.</param>
    /// <param name="cancellation">Asked between kernels.</param>
    public VerificationReport Run(IReadOnlyList<NarrowerRun> narrower, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        List<VerifiedKernel> lines = [];
        for (int i = 0; i < plan.Families.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            VerifiedKernel own = Own(plan.Families[i]);
            lines.Add(own);
            lines.AddRange(narrower.Select(run => Against(run, own)));
            progress?.Report(new ProgressReport("verify", i + 1, plan.Families.Count));
        }

        return new VerificationReport("cpu", Checks, lines);
    }

    private IEnumerable<int> Compared => plan.Threads switch
    {
        0 => new[] { 3, Environment.ProcessorCount }.Where(threads => threads > 1).Distinct(),
        1 => [],
        _ => [plan.Threads],
    };

    private VerifiedKernel Own(KernelFamily family)
    {
        CheckSheet sheet = Sheet(family.Name, Level);
        StringBuilder digests = new();
        foreach (ulong seed in plan.AllSeeds)
        {
            KernelProblem problem = family.Make(plan.Size, seed);
            IReadOnlyList<KernelOutput> one = problem.OnCpu(threads: 1);
            foreach (int threads in Compared)
            {
                sheet.Judge(Threads, KernelOutput.Difference(one, problem.OnCpu(threads), "1 thread", $"{threads} threads", bits: true), seed);
            }

            digests.AppendJoin(' ', one.Select(output => output.Digest));
        }

        sheet.Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(digests.ToString())));
        return sheet.Close();
    }

    private VerifiedKernel Against(NarrowerRun run, VerifiedKernel own)
    {
        CheckSheet sheet = Sheet(own.Kernel, run.Level);
        NarrowerKernel? found = run.Kernels.FirstOrDefault(kernel => kernel.Kernel == own.Kernel);
        if (found is null)
        {
            sheet.Fail(Vectors, "the process with narrower vectors gave no result");
            return sheet.Close();
        }

        sheet.Digest = found.Digest;
        if (Compared.Any())
        {
            sheet.Judge(Threads, found.Passed ? null : "the number of threads changes the bits");
        }

        sheet.Judge(Vectors, found.Digest == own.Digest ? null : $"other bits than with {own.Architecture}");
        return sheet.Close();
    }

    private CheckSheet Sheet(string kernel, string level) => new(kernel, level, Checks,
        $"clouds kernels verify --device cpu --kernel {kernel}{(plan.Threads > 0 ? $" --set execution.threads={plan.Threads}" : "")}");
}
