using System.Diagnostics;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>Who computes beside whom, who waits, and when everything is freed.</summary>
[Kind(TestKind.Fast)]
public sealed class InferenceLanesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Enter_TwoLanes_TwoWorkAtOnceAndTheThirdWaitsForOneOfThem()
    {
        using InferenceLanes lanes = new(2, () => { });
        using Barrier both = new(2);
        using InferenceVisit first = lanes.Enter(32, 32, default);
        using InferenceVisit second = lanes.Enter(32, 32, default);
        Task<bool>[] meeting = [first.RunAsync((_, _) => both.SignalAndWait(Soon)), second.RunAsync((_, _) => both.SignalAndWait(Soon))];
        Assert.All(await Task.WhenAll(meeting), Assert.True);

        Task<InferenceVisit> third = lanes.EnterAsync(32, 32, default);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third.WaitAsync(Soon)).Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Enter_CancelledWhileItWaits_EndsWithinFiftyMilliseconds(bool blocking)
    {
        using InferenceLanes lanes = new(1, () => { });
        using InferenceVisit first = lanes.Enter(32, 32, default);
        List<TimeSpan> times = [];
        for (int i = 0; i < 5; i++)
        {
            using CancellationTokenSource stop = new();
            Task<InferenceVisit> second = blocking ? Task.Run(() => lanes.Enter(32, 32, stop.Token)) : lanes.EnterAsync(32, 32, stop.Token);
            await Task.Delay(30);
            Stopwatch watch = Stopwatch.StartNew();
            stop.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
            times.Add(watch.Elapsed);
        }

        Assert.InRange(times.Min(), TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Visit_CancelledAtWork_LeavesTheLaneWhenItsThreadHasFinished()
    {
        using InferenceLanes lanes = new(1, () => { });
        using CancellationTokenSource stop = new();
        using ManualResetEventSlim working = new(), finish = new();
        InferenceVisit visit = lanes.Enter(32, 32, stop.Token);
        Task<bool> work = visit.RunAsync((_, _) =>
        {
            working.Set();
            return finish.Wait(Soon);
        });
        Assert.True(working.Wait(Soon));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        visit.Dispose();

        Task<InferenceVisit> next = lanes.EnterAsync(32, 32, default);
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(TimeSpan.FromMilliseconds(50)));
        finish.Set();
        (await next.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task Dispose_AtWork_FreesOnceAndNotBeforeTheThreadHasFinished()
    {
        using SemaphoreSlim freed = new(0);
        using ManualResetEventSlim working = new(), finish = new();
        InferenceLanes lanes = new(2, () => freed.Release());
        InferenceVisit visit = lanes.Enter(32, 32, default);
        Task<bool> work = visit.RunAsync((_, _) =>
        {
            working.Set();
            return finish.Wait(Soon);
        });
        Assert.True(working.Wait(Soon));
        lanes.Dispose();
        lanes.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.ThrowsAny<OperationCanceledException>(() => lanes.Enter(32, 32, default));
        visit.Dispose();
        Assert.False(freed.Wait(50));
        finish.Set();
        Assert.True(freed.Wait(Soon));
        Assert.False(freed.Wait(50));
    }

    [Fact]
    public void Run_WorkThatFails_FailsTheCallerAndLeavesTheLaneUsable()
    {
        using InferenceLanes lanes = new(1, () => { });
        using (InferenceVisit visit = lanes.Enter(32, 32, default))
        {
            Assert.Throws<InvalidOperationException>(() => visit.Run<int>((_, _) => throw new InvalidOperationException()));
        }

        using InferenceVisit next = lanes.Enter(32, 32, default);
        Assert.Equal(7, next.Run((_, _) => 7));
    }
}
