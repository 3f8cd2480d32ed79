using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;

namespace Clouds.Tests.Runtime.Distributed;

[Kind(TestKind.Fast)]
public sealed class LaunchTests
{
    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0")]
    [InlineData("SLURM_NTASKS=8 SLURM_PROCID=0")]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0")]
    public void Of_ProcessThatWasStartedAlone_IsNone(string environment) => Assert.Null(Of(environment));

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_LOCAL_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0", "mpirun", 3, 4, 1)]
    [InlineData("SLURM_STEP_NUM_TASKS=16 SLURM_PROCID=9 SLURM_LOCALID=1", "srun", 9, 16, 1)]
    [InlineData("PMI_SIZE=2 PMI_RANK=1", "another MPI's mpirun", 1, 2, 1)]
    public void Of_StarterOfSeveral_TellsRankAndCount(string environment, string starter, int rank, int count, int local) =>
        Assert.Equal(new Launch(starter, rank, count, local), Of(environment));

    [Fact]
    public void Of_VariableThatIsNoNumber_IsNamed()
    {
        CloudsException refused = Assert.Throws<CloudsException>(() => Of("OMPI_COMM_WORLD_SIZE=two OMPI_COMM_WORLD_RANK=0"));
        Assert.Equal(("OMPI_COMM_WORLD_SIZE", "'two'", Failure.Usage), (refused.Where, refused.Found, refused.Failure));
    }

    [Fact]
    public void Require_LibraryThatSeesOneRankOnly_NamesBothAndWhatToDo()
    {
        CloudsException refused = Assert.Throws<CloudsException>(() => new Launch("srun", 3, 4, 0).Require(rank: 0, count: 1));
        Assert.Equal("the library says rank 0 of 1", refused.Found);
        Assert.Contains("mpi=pmix", refused.Next, StringComparison.Ordinal);
    }

    private static Launch? Of(string environment)
    {
        Dictionary<string, string> variables =
            environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return Launch.Of(variables.GetValueOrDefault);
    }
}
