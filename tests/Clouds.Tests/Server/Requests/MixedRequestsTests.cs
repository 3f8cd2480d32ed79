using System.Collections.Concurrent;
using Clouds.Server.Options;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Requests;

/// <summary>Tests that measure the memory of the process, which other tests would use meanwhile: they run behind all others.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public sealed class Undisturbed;

[Kind(TestKind.Fast)]
[Collection(nameof(Undisturbed))]
public sealed class MixedRequestsTests
{
    private const int Connections = 16;
    private const int Requests = 1000;
    private const int Rounds = 5;
    private const long Slack = 64 << 20;

    [Fact]
    public async Task MixedRequests_FromSixteenConnections_AreAllAnsweredRightlyInFlatMemory()
    {
        await using RunningServer running = await RunningServer.Start(new ServerOptions { MaxBody = 100_000, Queue = Connections }, sam: true);
        MixedRequests mixed = new(running);
        await mixed.Send(Requests / 5, Connections);
        long growth = long.MaxValue;

        // Operators that cancelled calls of other tests left behind still take memory for a while; a leak would grow in every round.
        for (int round = 0; round < Rounds && growth > Slack; round++)
        {
            long before = Settled();
            ConcurrentBag<string> wrong = await mixed.Send(Requests, Connections);
            Assert.Empty(wrong);
            growth = Settled() - before;
            TestContext.Current.TestOutputHelper?.WriteLine($"working set {before >> 20} MiB before {Requests} requests, {growth >> 20} MiB more behind them");
        }

        Assert.InRange(growth, long.MinValue, Slack);
        await running.Until("waiting", 0);
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
