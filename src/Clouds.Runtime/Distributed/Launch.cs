using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Distributed;

/// <summary>What the program that started this process says of it and its siblings.</summary>
/// <param name="Starter">Its name, for messages.</param>
/// <param name="Rank">Number of this process, from 0.</param>
/// <param name="Count">Processes that were started together, above 1.</param>
/// <param name="LocalRank">Number of this process among those on its host, from 0.</param>
public sealed record Launch(string Starter, int Rank, int Count, int LocalRank)
{
    // MPICH's and Intel's starters, and Slurm's own for them, set these; Open MPI's sets its own besides.
    private static readonly (string Starter, string Count, string Rank, string LocalRank)[] Known =
    [
        ("mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK"),
        ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID"),
        ("another MPI's mpirun", "PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID"),
    ];

    /// <summary>Reads the environment; null: this process is alone.</summary>
    /// <param name="variable">Value of an environment variable; null: it is not set.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Usage"/>: a variable is no number.</exception>
    public static Launch? Of(Func<string, string?> variable)
    {
        (string Starter, string Count, string Rank, string LocalRank) by =
            Known.FirstOrDefault(starter => !string.IsNullOrEmpty(variable(starter.Count)) && !string.IsNullOrEmpty(variable(starter.Rank)));
        if (by.Starter is null)
        {
            return null;
        }

        int count = Number(variable, by.Count), rank = Number(variable, by.Rank);
        int local = string.IsNullOrEmpty(variable(by.LocalRank)) ? rank : Number(variable, by.LocalRank);
        return count > 1 ? new Launch(by.Starter, rank, count, local) : null;
    }

    /// <summary>Refuses a library that does not see what the starter has started: it belongs to another MPI, or was not told.</summary>
    internal void Require(int rank, int count)
    {
        if (rank != Rank || count != Count)
        {
            throw new CloudsException(Failure.Device, $"{Starter} and the MPI library do not belong together", $"rank {Rank} of {Count}",
                $"the library says rank {rank} of {count}", "the same of both",
                "start the ranks with the mpirun of the same Open MPI, or with srun and its option mpi=pmix (mpi=list says what there is)");
        }
    }

    private static int Number(Func<string, string?> variable, string name)
    {
        string text = variable(name)!;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new CloudsException(Failure.Usage, "a variable of the ranks' starter is no number", name, $"'{text}'", "a whole number");
    }
}
