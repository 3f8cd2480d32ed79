using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// The thread that makes all calls of MPI: it carries out one collective at a time for this process, and exchanges signs of life meanwhile and besides.
/// </summary>
internal sealed class RankLine : IDisposable
{
    private const int RestMilliseconds = 50;
    private const double WatchSeconds = 0.01;
    private const double LongestFarewell = 25;
    private const double LongestGuess = 2;
    private readonly OpenMpi _mpi;
    private readonly Launch _launch;
    private readonly RankSettings _settings;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly ManualResetEventSlim _joined = new();
    private MpiWorld? _world;
    private RankWatch? _watch;
    private Collective? _given;
    private Exception? _failure;
    private long _number;
    private long _watched;
    private Tuple<long, string> _place = new(-1, "start");
    private long _farewell;
    private int _told;
    private volatile bool _leaves;

    /// <summary>Joins the other ranks; waits until all are there.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: MPI fails, or does not fit the starter; Usage: versions differ.</exception>
    public RankLine(OpenMpi mpi, Launch launch, RankSettings settings)
    {
        (_mpi, _launch, _settings) = (mpi, launch, settings);
        _thread = new Thread(Live) { IsBackground = true, Name = "ranks", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
        _joined.Wait();
        if (_failure is CloudsException failure)
        {
            throw failure;
        }
    }

    /// <summary>Cancelled when a rank is lost.</summary>
    public CancellationToken Lost => _watch!.Lost;

    /// <summary>Ranks that are lost.</summary>
    public IReadOnlyCollection<int> LostRanks { get; private set; } = [];

    /// <summary>Carries out a collective and waits for it.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: a rank is lost.</exception>
    public void Do(Collective collective)
    {
        Volatile.Write(ref _given, collective);
        _wake.Release();
        collective.Wait();
    }

    /// <summary>Notes where this rank is; the others hear it with the next sign of life.</summary>
    public void Note(long step, string place) => Volatile.Write(ref _place, new(step, place));

    /// <summary>Tells the others, when this rank leaves, what it has failed with.</summary>
    public void Fail(Failure failure) => Volatile.Write(ref _told, (int)failure);

    /// <summary>
    /// Takes leave: waits for those who still work, and where a rank was lost for a while only, so that whoever saves is not killed by its starter
    /// because the others have gone.
    /// </summary>
    public void Dispose()
    {
        _leaves = true;
        _wake.Release();
        while (!_thread.Join(RestMilliseconds) && FarewellLasts)
        {
        }
    }

    private bool FarewellLasts => Volatile.Read(ref _farewell) is long since && (since == 0 || Seconds(since) < LongestFarewell);

    private static double Seconds(long since) => Stopwatch.GetElapsedTime(since).TotalSeconds;

    private void Live()
    {
        try
        {
            _world = new MpiWorld(_mpi, _launch);
            _watch = new RankWatch(_world, _settings);
            using Exchange introduction = new("introduction", RankIdentity.Here.Packed());
            Carry(introduction);
            introduction.Wait();
            _watch.Introduce([.. introduction.All.Select(RankIdentity.Of)]);
        }
        catch (Exception failure)
        {
            _failure = failure as CloudsException ?? new CloudsException(Failure.Internal, "the ranks cannot meet", null, failure.Message, inner: failure);
            _joined.Set();
            return;
        }

        _joined.Set();
        while (!_leaves)
        {
            Watch();
            _wake.Wait(RestMilliseconds);
            if (Interlocked.Exchange(ref _given, null) is Collective collective)
            {
                Carry(collective);
            }
        }

        TakeLeave();
    }

    private void Carry(Collective collective)
    {
        try
        {
            collective.Complete(Finish(collective));
        }
        catch (Exception failure)
        {
            // A message that fails mostly means that a process is gone, of which the other signs tell more.
            long since = Stopwatch.GetTimestamp();
            CloudsException? lost = null;
            while (failure is CloudsException { Failure: Failure.Device } && lost is null && Seconds(since) < LongestGuess)
            {
                Watch();
                lost = Hopeless(collective);
                Thread.Sleep(1);
            }

            collective.Complete(lost ?? failure);
        }
    }

    private CloudsException? Finish(Collective collective)
    {
        _watch!.Begin(collective, ++_number);
        collective.Begin(_world!, _number);
        long moves = -1;
        for (int idle = 0; !collective.Advance(_world!); idle++)
        {
            idle = collective.Moves == moves ? idle : 0;
            moves = collective.Moves;
            if (Seconds(_watched) > WatchSeconds)
            {
                Watch();
                if (Hopeless(collective) is CloudsException failure)
                {
                    return failure;
                }
            }

            Rest(idle);
        }

        return null;
    }

    private CloudsException? Hopeless(Collective collective)
    {
        CloudsException? failure = _watch!.Hopeless(collective);
        LostRanks = [.. _watch.LostRanks];
        return failure;
    }

    // Messages between processes that share too few processors need these; long waits need nothing.
    private static void Rest(int idle)
    {
        if (idle > 2000)
        {
            Thread.Sleep(1);
        }
        else if (idle > 20)
        {
            Thread.Yield();
        }
    }

    private void Watch()
    {
        (long step, string place) = Volatile.Read(ref _place);
        _watch!.Note(step, place, _leaves, Volatile.Read(ref _told));
        _watch.Advance();
        LostRanks = [.. _watch.LostRanks];
        _watched = Stopwatch.GetTimestamp();
    }

    private void TakeLeave()
    {
        while (!_watch!.AllLeave)
        {
            Watch();
            _farewell = !_watch.AllThere && _farewell == 0 ? Stopwatch.GetTimestamp() : _farewell;
            Thread.Sleep(1);
        }

        // Where a rank is gone, MPI would wait for it.
        if (_watch.AllThere)
        {
            Volatile.Write(ref _farewell, Stopwatch.GetTimestamp());
            while (!_watch.Stop())
            {
                Thread.Sleep(1);
            }

            _world!.Leave();
        }
    }
}
