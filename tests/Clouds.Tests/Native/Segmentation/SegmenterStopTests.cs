using System.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>How fast a call ends that is cancelled, or whose segmenter is disposed, while the network computes beside a busy loop.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmenterStopTests : IDisposable
{
    private const int Rounds = 5;
    private static readonly TimeSpan Answer = TimeSpan.FromMilliseconds(50);
    private static readonly RgbImage Large = Pictures.Gradient(2048, 1024);
    private readonly Segmenter _segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = 0 });
    private readonly CancellationTokenSource _busy = new();

    public SegmenterStopTests()
    {
        _segmenter.Warmup(Large.Width, Large.Height);
        new Thread(() => Spin(_busy.Token)) { IsBackground = true }.Start();
    }

    public static TheoryData<string> Calls => ["image", "spans", "async"];

    public void Dispose()
    {
        _busy.Cancel();
        _segmenter.Dispose();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_CancelledWhileTheNetworkRuns_EndsWithinFiftyMilliseconds(string kind)
    {
        Assert.InRange(Best(i =>
        {
            using CancellationTokenSource stop = new();
            Task call = Begin(kind, stop.Token);
            Thread.Sleep(30 + (40 * i));
            return Time(stop.Cancel, call, failure => Assert.Equal(stop.Token, Assert.IsAssignableFrom<OperationCanceledException>(failure).CancellationToken));
        }), TimeSpan.Zero, Answer);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Dispose_WhileTheNetworkRuns_EndsTheCallAndItselfWithinFiftyMilliseconds(string kind)
    {
        Task call = Begin(kind, CancellationToken.None);
        Thread.Sleep(60);
        Stopwatch watch = Stopwatch.StartNew();
        _segmenter.Dispose();
        TimeSpan disposed = watch.Elapsed;
        Assert.IsType<ObjectDisposedException>(Failure(call));
        Assert.InRange(disposed, TimeSpan.Zero, Answer);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, 4 * Answer);
        Assert.Throws<ObjectDisposedException>(() => _segmenter.Segment(Large));
    }

    [Fact]
    public void Segment_AfterACallThatWasCancelled_GivesTheSameLabels()
    {
        ushort[] before = _segmenter.Segment(Large).Labels;
        using CancellationTokenSource stop = new(40);
        Assert.ThrowsAny<OperationCanceledException>(() => _segmenter.Segment(Large, cancellation: stop.Token));
        Assert.Equal(before, _segmenter.Segment(Large).Labels);
    }

    private static void Spin(CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            Thread.SpinWait(1000);
        }
    }

    // A call that waited for the network would take its half second each time; other rounds may meet a machine that does something else.
    private static TimeSpan Best(Func<int, TimeSpan> round) => Enumerable.Range(0, Rounds).Select(round).Min();

    private static TimeSpan Time(Action stop, Task call, Action<Exception> check)
    {
        Stopwatch watch = Stopwatch.StartNew();
        stop();
        Exception failure = Failure(call);
        TimeSpan time = watch.Elapsed;
        check(failure);
        return time;
    }

    private static Exception Failure(Task call)
    {
        try
        {
            call.GetAwaiter().GetResult();
        }
        catch (Exception failure)
        {
            return failure;
        }

        throw new InvalidOperationException("the call was over before it was stopped");
    }

    // A thread of its own, which has begun when this returns: the pool's threads may have to wait for a processor.
    private Task Begin(string kind, CancellationToken cancellation)
    {
        if (kind == "async")
        {
            return _segmenter.SegmentAsync(Large, cancellation: cancellation);
        }

        using ManualResetEventSlim begun = new();
        Task call = Task.Factory.StartNew(
            () =>
            {
                begun.Set();
                Call(kind, cancellation);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        begun.Wait();
        return call;
    }

    private void Call(string kind, CancellationToken cancellation)
    {
        if (kind == "image")
        {
            _segmenter.Segment(Large, cancellation: cancellation);
        }
        else
        {
            _segmenter.Segment(Large.Pixels, Large.Width, Large.Height, new ushort[Large.Width * Large.Height], cancellation: cancellation);
        }
    }
}
