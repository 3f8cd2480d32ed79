using System.Net;
using System.Net.Sockets;
using Clouds.Server.Options;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Requests;

[Kind(TestKind.Fast)]
public sealed class WorkplaceTests
{
    // Requests without a body's end hold their places until the test lets go of them.
    [Fact]
    public async Task Admit_NoPlaceLeft_IsToldToComeAgainAndThenAnswered()
    {
        await using RunningServer running = await RunningServer.Start(new ServerOptions { Sessions = 1, Queue = 2 });
        TcpClient[] held = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => running.Begin("POST /segment HTTP/1.1\r\nHost: HOST\r\n"
            + "Authorization: Bearer TOKEN\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nand no more")));
        await running.Until("waiting", 3);
        using HttpResponseMessage refused = await running.Segment(RunningServer.Body(Pictures.Gradient(40, 30)));
        await RunningServer.Failure(refused, 503);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);

        held.ToList().ForEach(client => client.Dispose());
        await running.Until("waiting", 0);
        using HttpResponseMessage answered = await running.Segment(RunningServer.Body(Pictures.Gradient(40, 30)));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task Compute_TimeOver_Is503()
    {
        await using RunningServer running = await RunningServer.Start(new ServerOptions { Timeout = TimeSpan.FromMilliseconds(400) });
        using HttpResponseMessage answer = await running.Segment(RunningServer.Body(Pictures.Gradient(5000, 5000)));
        await RunningServer.Failure(answer, 503);
        Assert.NotNull(answer.Headers.RetryAfter);
    }
}
