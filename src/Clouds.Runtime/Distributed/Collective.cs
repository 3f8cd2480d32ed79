using System.Runtime.ExceptionServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// Something that all ranks do together, each in the same place of the same order. The line's thread calls <see cref="Begin"/> once and
/// <see cref="Advance"/> until it is complete; whoever asked for it waits.
/// </summary>
/// <param name="what">What it is for, in words; the same on every rank.</param>
internal abstract class Collective(string what) : IDisposable
{
    private readonly ManualResetEventSlim _complete = new();
    private Exception? _failure;

    /// <summary>What it is for.</summary>
    public string What { get; } = what;

    /// <summary>Messages that have done their part so far: while it grows, nobody rests.</summary>
    public virtual long Moves => 0;

    /// <summary>Whether a rank that has begun it and leaves then may have left it unfinished: the others need not wait for more.</summary>
    public virtual bool NeedsAllToTheEnd => false;

    /// <summary>Posts the first messages.</summary>
    /// <param name="world">The ranks.</param>
    /// <param name="number">Number of this collective, from 1, the same on every rank.</param>
    public abstract void Begin(MpiWorld world, long number);

    /// <summary>Does what can be done without waiting.</summary>
    /// <returns>Whether it is complete.</returns>
    public abstract bool Advance(MpiWorld world);

    /// <summary>Tells the one who waits that it is over.</summary>
    public void Complete(Exception? failure = null)
    {
        _failure = failure;
        _complete.Set();
    }

    /// <summary>Waits until it is over.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: a rank is gone, has left or stalls; its name stands in it.</exception>
    public void Wait()
    {
        _complete.Wait();
        if (_failure is RankLossException loss)
        {
            throw loss.Again();
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    public virtual void Dispose() => _complete.Dispose();
}
