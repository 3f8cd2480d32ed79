using Clouds.Cli.Diagnosis;
using Clouds.Runtime.Native;
using Clouds.Tests.Runtime.Distributed;
using Clouds.Tests.Runtime.Native;

namespace Clouds.Tests.Cli.Diagnosis;

[Kind(TestKind.Fast)]
public sealed class RanksCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Examine_OpenMpiIsThere_TellsVersionAndFile()
    {
        Finding finding = Assert.Single(RanksCheck.Mpi.Examine());
        Assert.Equal(("MPI", FindingState.Good, null), (finding.Subject, finding.State, finding.Next));
        Assert.Matches("^Open MPI v[45]\\.[0-9.]+, /.*libmpi\\.so", finding.Value);
    }

    [Fact]
    public void Examine_NoLibraryThere_IsNeededUnderMpirunOnlyAndSaysWhereItWasLookedFor()
    {
        Finding mpi = Assert.Single(new RanksCheck("MPI", "needed under mpirun only", () => Of(OpenMpi.Load(_folder.Path))).Examine());
        Assert.Equal(FindingState.Absent, mpi.State);
        Assert.Contains(Path.Combine(_folder.Path, "libmpi.so.40"), mpi.Value, StringComparison.Ordinal);
        Assert.StartsWith("needed under mpirun only: install Open MPI (Debian: openmpi-bin, libopenmpi3)", mpi.Next);
        Finding nccl = Assert.Single(new RanksCheck("NCCL", "needed for GPUs under mpirun only", () => Of(Nccl.Load(_folder.Path))).Examine());
        Assert.StartsWith("NCCL (libnccl) cannot be loaded: ", nccl.Value);
        Assert.Contains("nvidia-nccl-cu13", nccl.Next, StringComparison.Ordinal);
    }

    [FakeLibraryFact]
    public void Examine_MpiOfSomebodyElse_IsNamed()
    {
        FakeLibrary.Compile(_folder["libmpi.so"], "#include <string.h>\nint MPI_Get_library_version(char *text, int *length)"
            + " { strcpy(text, \"MPICH Version: 4.1\"); *length = 18; return 0; }");
        Finding finding = Assert.Single(new RanksCheck("MPI", "needed under mpirun only", () => Of(OpenMpi.Load(_folder["libmpi.so"]))).Examine());
        Assert.Equal("the MPI library is not Open MPI's, whose handles are used here: MPICH Version: 4.1", finding.Value);
    }

    private static (string Version, LibrarySearch Search) Of(OpenMpi mpi) => (mpi.VersionText, mpi.Search);

    private static (string Version, LibrarySearch Search) Of(Nccl nccl) => ($"{nccl.Version}", nccl.Search);
}
