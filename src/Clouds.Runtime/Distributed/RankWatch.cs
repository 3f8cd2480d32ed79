using System.Diagnostics;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// Signs of life between all ranks, some a second, and what their absence means. They travel while every rank computes, so that a process that was
/// killed, a host that is gone and a rank that only takes long can be told apart.
/// </summary>
internal sealed class RankWatch(MpiWorld world, RankSettings settings)
{
    private const double BeatSeconds = 0.25;
    private const double Absence = 5;
    private readonly RankPeer[] _peers = [.. Enumerable.Range(0, world.Count).Where(rank => rank != world.Rank).Select(rank => new RankPeer(world, rank))];
    private readonly CancellationTokenSource _lost = new();
    private Beat _now = new() { Step = -1, Place = "start" };
    private long _said;
    private long _began;

    /// <summary>Cancelled when a rank is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Ranks that are lost.</summary>
    public IEnumerable<int> LostRanks => _peers.Where(peer => peer.Loss is not null).Select(peer => peer.Rank);

    /// <summary>Whether every other rank is lost without a word, or leaves and knows that this one does.</summary>
    public bool AllLeave => _peers.All(peer => !peer.IsThere || (peer.Last.Leaves != 0 && peer.Told));

    /// <summary>Whether every other rank is still there, if only to take leave.</summary>
    public bool AllThere => _peers.All(peer => peer.IsThere);

    /// <summary>What the ranks have told of themselves.</summary>
    public void Introduce(IReadOnlyList<RankIdentity> ranks)
    {
        foreach (RankPeer peer in _peers)
        {
            ranks[peer.Rank].Require(ranks[0], peer.Rank);
            peer.Introduce(ranks[peer.Rank], ranks[world.Rank]);
        }
    }

    /// <summary>Notes a collective that begins.</summary>
    public void Begin(Collective collective, long number)
    {
        (_now.Begun, _now.Place) = (number, collective.What);
        _began = Stopwatch.GetTimestamp();
    }

    /// <summary>Notes where this rank is; the others hear it with the next sign of life.</summary>
    public void Note(long step, string place, bool leaves, int failure)
    {
        (_now.Step, _now.Place) = (step, place);
        if (leaves && _now.Leaves == 0)
        {
            (_now.Leaves, _now.Failure, _said) = (1, failure, 0);
        }
    }

    /// <summary>Sends and receives signs of life, and looks for ranks that give none.</summary>
    public void Advance()
    {
        double since = _said == 0 ? BeatSeconds : Stopwatch.GetElapsedTime(_said).TotalSeconds;
        foreach (RankPeer peer in _peers.Where(peer => peer.IsThere))
        {
            peer.Hear();
            if (since >= BeatSeconds)
            {
                Talk(peer, since);
            }
        }

        _said = since >= BeatSeconds ? Stopwatch.GetTimestamp() : _said;
        TellLoss();
    }

    /// <summary>The failure of a collective that this rank waits in and that cannot be completed; null: it can, as far as is known.</summary>
    public CloudsException? Hopeless(Collective waiting)
    {
        bool tooLong = Stopwatch.GetElapsedTime(_began).TotalSeconds > settings.Stall;
        Array.ForEach(_peers, peer => peer.JudgeAbsence(_now.Begun, tooLong, waiting.NeedsAllToTheEnd));
        TellLoss();
        return LostRanks.Any() ? Failed($"its part of '{waiting.What}'{(_now.Step < 0 ? "" : $" in step {_now.Step}")}")
            : tooLong ? Slow(waiting)
            : null;
    }

    /// <summary>The failure of everything that needs the ranks that are lost.</summary>
    public RankLossException Failed(string expected)
    {
        RankPeer[] lost = [.. _peers.Where(peer => peer.Loss is not null)];
        string what = lost.Length == 1 ? $"rank {lost[0].Rank}" : $"ranks {string.Join(", ", lost.Select(peer => peer.Rank))}";
        RankPeer? failed = lost.FirstOrDefault(peer => peer.Last.Failure != 0);
        return new RankLossException(
            failed is null ? Failure.Device : (Failure)failed.Last.Failure,
            $"{what} of {world.Count} {lost[0].Loss}",
            string.Join("; ", lost.Select(peer => peer.ToString())),
            string.Join("; ", lost.Select(peer => $"last heard of at {peer.Last}")),
            expected,
            "see that rank's own words and its host's log; a training is saved and goes on with TrainingOptions.Resume, on any number of ranks",
            left: failed is not null && lost.All(peer => peer.HasLeft));
    }

    /// <summary>Ends listening, where everybody is there to take leave; whether nothing is on its way any more.</summary>
    public bool Stop() => _peers.All(peer => peer.Stop());

    private void TellLoss()
    {
        if (LostRanks.Any())
        {
            _lost.Cancel();
        }
    }

    // A process that has itself been stopped for a while knows nothing of the others' silence.
    private void Talk(RankPeer peer, double since)
    {
        if (since > Absence)
        {
            peer.Excuse();
        }

        peer.Say(_now);
        peer.Judge(settings.Silence);
    }

    private CloudsException Slow(Collective waiting) => new(
        Failure.Device, "the ranks do not come to an end together", $"'{waiting.What}', step {_now.Step}",
        $"more than {settings.Stall} s, and every rank is in it",
        "messages that arrive", "see what mpirun says of the network");
}
