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
    private readonly Segmenter _segmenter = Ready();
    private readonly CancellationTokenSource _busy = new();

    public SegmenterStopTests() => new Thread(() => Spin(_busy.Token)) { IsBackground = true }.Start();

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
            Task call = Begin(_segmenter, kind, stop.Token);
            Thread.Sleep(30 + (40 * i));
            return Time(stop.Cancel, call, failure => Assert.Equal(stop.Token, Assert.IsAssignableFrom<OperationCanceledException>(failure).CancellationToken));
        }), TimeSpan.Zero, Answer);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Dispose_WhileTheNetworkRuns_EndsTheCallAndItselfWithinFiftyMilliseconds(string kind)
    {
        TimeSpan disposed = TimeSpan.MaxValue;
        TimeSpan ended = Best(i =>
        {
            using Segmenter segmenter = Ready();
            Task call = Begin(segmenter, kind, CancellationToken.None);
            Thread.Sleep(60);
            TimeSpan took = TimeSpan.Zero;
            TimeSpan? time = Time(() => took = Watch(segmenter.Dispose), call, failure => Assert.IsType<ObjectDisposedException>(failure));
            Assert.Throws<ObjectDisposedException>(() => segmenter.Segment(Large));
            disposed = time is not null && took < disposed ? took : disposed;
            return time;
        });
        Assert.InRange(disposed, TimeSpan.Zero, Answer);
        Assert.InRange(ended, TimeSpan.Zero, 4 * Answer);
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

    private static Segmenter Ready()
    {
        Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = 0 });
        segmenter.Warmup(Large.Width, Large.Height);
        return segmenter;
    }

    // A call that waited for the network would take its half second each time; other rounds may meet a machine that does something else, and in some the
    // call was over before it was stopped, which says nothing.
    private static TimeSpan Best(Func<int, TimeSpan?> round)
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < Rounds && best > Answer; i++)
        {
            best = round(i) is TimeSpan time && time < best ? time : best;
        }

        return best;
    }

    private static TimeSpan? Time(Action stop, Task call, Action<Exception> check)
    {
        Stopwatch watch = Stopwatch.StartNew();
        stop();
        Exception? failure = Failure(call);
        TimeSpan time = watch.Elapsed;
        if (failure is not null)
        {
            check(failure);
        }

        return failure is null ? null : time;
    }

    private static TimeSpan Watch(Action action)
    {
        Stopwatch watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed;
    }

    private static Exception? Failure(Task call)
    {
        try
        {
            call.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    // A thread of its own, which has begun when this returns: the pool's threads may have to wait for a processor.
    private static Task Begin(Segmenter segmenter, string kind, CancellationToken cancellation)
    {
        if (kind == "async")
        {
            return segmenter.SegmentAsync(Large, cancellation: cancellation);
        }

        using ManualResetEventSlim begun = new();
        Task call = Task.Factory.StartNew(
            () =>
            {
                begun.Set();
                Call(segmenter, kind, cancellation);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        begun.Wait();
        return call;
    }

    private static void Call(Segmenter segmenter, string kind, CancellationToken cancellation)
    {
        if (kind == "image")
        {
            segmenter.Segment(Large, cancellation: cancellation);
        }
        else
        {
            segmenter.Segment(Large.Pixels, Large.Width, Large.Height, new ushort[Large.Width * Large.Height], cancellation: cancellation);
        }
    }
}
