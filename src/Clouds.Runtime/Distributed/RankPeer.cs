using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Distributed;

/// <summary>Another rank as this one knows it: who it is, what it said last, and whether it is lost.</summary>
internal sealed unsafe class RankPeer
{
    private const int Tag = 1;
    private readonly MpiWorld _world;
    private readonly NativeBuffer _incoming = new(sizeof(Beat));
    private readonly NativeBuffer _outgoing = new(sizeof(Beat));
    private RankIdentity? _identity;
    private bool _visible;
    private Message _hearing;
    private Message _saying;
    private long _heard;

    public RankPeer(MpiWorld world, int rank)
    {
        (_world, Rank) = (world, rank);
        Last = new Beat { Step = -1, Place = "start" };
        Listen();
        Excuse();
    }

    public int Rank { get; }

    /// <summary>What it said last.</summary>
    public Beat Last { get; private set; }

    /// <summary>Why nobody counts on it any more; null: it is there.</summary>
    public string? Loss { get; private set; }

    /// <summary>Whether it answers, or has left in order and waits for the others.</summary>
    public bool IsThere => Loss is null || HasLeft;

    /// <summary>Whether it was lost because it left.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Whether it has heard, or will hear, that this rank leaves.</summary>
    public bool Told { get; private set; }

    public void Introduce(RankIdentity identity, RankIdentity here) => (_identity, _visible) = (identity, identity.IsVisible(here));

    /// <summary>Takes what has arrived.</summary>
    public void Hear()
    {
        Guard(() =>
        {
            while (_world.Test(ref _hearing))
            {
                Last = *(Beat*)_incoming.Pointer;
                Excuse();
                Listen();
            }
        });
    }

    /// <summary>Sends a sign of life, unless the one before is still under way.</summary>
    public void Say(Beat now)
    {
        Guard(() =>
        {
            if (_world.Test(ref _saying))
            {
                *(Beat*)_outgoing.Pointer = now;
                _saying = _world.Send(_outgoing.Pointer, sizeof(Beat), Rank, Tag);
                Told = now.Leaves != 0;
            }
        });
    }

    /// <summary>Takes its silence so far for nothing.</summary>
    public void Excuse() => _heard = Stopwatch.GetTimestamp();

    /// <summary>Whether it lives.</summary>
    /// <param name="silence">Seconds without a sign of life that are too many.</param>
    public void Judge(double silence)
    {
        if (_visible && _identity!.IsGone())
        {
            Lose("has ended without a word");
        }
        else if (Stopwatch.GetElapsedTime(_heard).TotalSeconds > silence)
        {
            Lose(_visible && _identity!.IsStopped() ? "has been stopped by a signal" : "gives no sign of life");
        }
    }

    /// <summary>Whether a collective can still be that it has not begun yet, or that it may have left unfinished.</summary>
    public void JudgeAbsence(long begun, bool tooLong, bool mayBeUnfinished)
    {
        bool absent = Last.Begun < begun, leaves = Last.Leaves != 0 && (absent || (mayBeUnfinished && Last.Begun == begun));
        if (Loss is null && (leaves || (absent && tooLong)))
        {
            HasLeft = Last.Leaves != 0;
            Loss = HasLeft ? "has left the others" : "keeps the others waiting for too long";
        }
    }

    /// <summary>Ends listening; whether nothing is on its way to it any more.</summary>
    public bool Stop()
    {
        bool sent = _world.Test(ref _saying);
        if (sent)
        {
            _world.Cancel(ref _hearing);
        }

        return sent;
    }

    public override string ToString() => $"rank {Rank}{(_identity is null ? "" : $" on {_identity}")}";

    private void Lose(string why)
    {
        Loss ??= why;
        HasLeft = false;
    }

    // A message to or from a process that is gone may fail.
    private void Guard(Action exchange)
    {
        try
        {
            exchange();
        }
        catch (CloudsException)
        {
            Lose("cannot be reached");
        }
    }

    private void Listen() => _hearing = _world.Receive(_incoming.Pointer, sizeof(Beat), Rank, Tag);
}
