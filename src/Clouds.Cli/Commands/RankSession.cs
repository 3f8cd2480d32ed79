using Clouds.Runtime.Distributed;

namespace Clouds.Cli.Commands;

/// <summary>The processes that a verb works with, where mpirun or srun has started several: joined when it asks, left once its failure was told.</summary>
internal sealed class RankSession : IDisposable
{
    /// <summary>The processes; one, until the verb has joined the others.</summary>
    public RankGroup Group { get; private set; } = RankGroup.Alone;

    /// <summary>Who speaks, in front of what is said: empty on rank 0.</summary>
    public string Speaker => Group.IsFirst ? "" : $"rank {Group.Rank}: ";

    /// <summary>Joins the other processes and waits for them.</summary>
    public void Join(RankSettings settings) => Group = RankGroup.Join(settings);

    public void Dispose() => Group.Dispose();
}
