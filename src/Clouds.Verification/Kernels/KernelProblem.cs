using Clouds.Runtime.Compilation;

namespace Clouds.Verification.Kernels;

/// <summary>How large a problem is to be.</summary>
public enum ProblemSize
{
    /// <summary>Odd sizes for checks of every result, on an emulator too; shapes change with the seed.</summary>
    Small,

    /// <summary>For counting bytes on an emulator: large enough that tables and borders do not show.</summary>
    Counted,

    /// <summary>A 768 x 768 training crop and a 1024 x 2048 label map (kernels.md).</summary>
    Full,
}

/// <summary>A seeded problem of one kernel family, which the processor's twin and a GPU can solve.</summary>
/// <param name="size">Sizes, in words.</param>
public abstract class KernelProblem(string size)
{
    /// <summary>Sizes, in words.</summary>
    public string Size => size;

    /// <summary>Bytes and operations.</summary>
    public abstract KernelWork Work { get; }

    /// <summary>Has the twin solve it.</summary>
    /// <param name="threads">Processor threads; the result does not depend on them.</param>
    public abstract IReadOnlyList<KernelOutput> OnCpu(int threads);

    /// <summary>Uploads it; the caller disposes the run, and before the GPU.</summary>
    public abstract KernelRun OnGpu(Gpu gpu);
}

/// <summary>Kernels that solve one problem in one way.</summary>
/// <param name="Name">For options and tables.</param>
/// <param name="Files">Kernel files that belong to it.</param>
/// <param name="Make">A problem of a size and a seed.</param>
public sealed record KernelFamily(string Name, IReadOnlyList<string> Files, Func<ProblemSize, ulong, KernelProblem> Make);
