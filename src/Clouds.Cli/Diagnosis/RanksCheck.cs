using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Cli.Diagnosis;

/// <summary>A library that is wanted where mpirun or srun starts several processes: it is opened and asked for its version.</summary>
/// <param name="subject">What it is.</param>
/// <param name="use">What it is needed for.</param>
/// <param name="open">Opens it: what it says of itself, and how it was found.</param>
internal sealed class RanksCheck(string subject, string use, Func<(string Version, LibrarySearch Search)> open) : IMachineCheck
{
    /// <summary>Messages between processes.</summary>
    public static RanksCheck Mpi { get; } = new(
        "MPI", "needed under mpirun only", () => (OpenMpi.Default.VersionText, OpenMpi.Default.Search));

    /// <summary>Sums between GPUs.</summary>
    public static RanksCheck Sums { get; } = new(
        "NCCL", "needed for GPUs under mpirun only", () => ($"NCCL {Nccl.VersionText(Nccl.Default.Version)}", Nccl.Default.Search));

    public IEnumerable<Finding> Examine() => [Look()];

    // Whoever starts one process needs neither, so that even one that does not work is no fault of the machine.
    private Finding Look()
    {
        try
        {
            (string version, LibrarySearch search) = open();
            return new Finding(subject, FindingState.Good, $"{version}, {search.File ?? search.Trace[^1]}");
        }
        catch (CloudsException failure)
        {
            string found = string.Join("; ", (failure.Found ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            return new Finding(subject, FindingState.Absent, $"{failure.What}: {found}", $"{use}: {failure.Next}");
        }
    }
}
