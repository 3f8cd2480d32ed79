using System.Text.Json;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;

namespace Clouds.Cli.Commands;

/// <summary>The processes that a verb works with, where mpirun or srun has started several: joined when it asks, left once its failure was told.</summary>
internal sealed class RankSession : IDisposable
{
    private static readonly JsonSerializerOptions Exact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The processes; one, until the verb has joined the others.</summary>
    public RankGroup Group { get; private set; } = RankGroup.Alone;

    /// <summary>Who speaks, in front of what is said: empty on rank 0.</summary>
    public string Speaker => Group.IsFirst ? "" : $"rank {Group.Rank}: ";

    /// <summary>Joins the other processes and waits for them.</summary>
    public void Join(RankSettings settings) => Group = RankGroup.Join(settings);

    /// <summary>Refuses processes that were started together work that each of them would do alone.</summary>
    /// <param name="work">The verb.</param>
    /// <exception cref="CloudsException">Usage.</exception>
    public static void RequireAlone(string work)
    {
        if (Launch.Of(Environment.GetEnvironmentVariable) is Launch launch)
        {
            throw new CloudsException(Failure.Usage, "this work is not shared among processes: each would do all of it, and write the same files",
                $"clouds {work}, rank {launch.Rank}", $"{launch.Count} processes that {launch.Starter} has started", "one process",
                $"start it without {launch.Starter}");
        }
    }

    /// <summary>This rank's range of a list of which every rank has the same.</summary>
    public T[] Part<T>(IReadOnlyList<T> all)
    {
        IndexShare share = Group.Share(all.Count);
        return [.. all.Skip(share.First).Take(share.Count)];
    }

    /// <summary>Does this rank's share of something; where another rank is lost meanwhile, it is not finished in vain.</summary>
    /// <param name="what">What it is, the same on every rank.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="work">Gets what stops it.</param>
    /// <exception cref="CloudsException">Device: a rank is lost, and named.</exception>
    public T Share<T>(string what, CancellationToken cancellation, Func<CancellationToken, T> work)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Group.Lost);
        Group.At(-1, what);
        try
        {
            return work(stop.Token);
        }
        catch (OperationCanceledException) when (Group.Lost.IsCancellationRequested)
        {
            Group.Meet(what);
            throw;
        }
    }

    /// <summary>What all ranks have, in their order, to the last bit; a process alone has its own.</summary>
    /// <exception cref="CloudsException">Device: a rank is lost, and named.</exception>
    public IReadOnlyList<T> Gather<T>(T here, string what) => Group.Count == 1
        ? [here]
        : [.. Group.GatherBytes(JsonSerializer.SerializeToUtf8Bytes(here, Exact), what).Select(bytes => JsonSerializer.Deserialize<T>(bytes, Exact)!)];

    public void Dispose() => Group.Dispose();
}
