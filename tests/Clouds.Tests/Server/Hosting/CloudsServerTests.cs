using System.Net;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Server.Options;

namespace Clouds.Tests.Server.Hosting;

[Kind(TestKind.Fast)]
public sealed class CloudsServerTests
{
    [Fact]
    public async Task Start_WithoutOptions_ListensOnLoopbackOnAFreePort()
    {
        await using RunningServer running = await RunningServer.Start();
        Assert.Equal("127.0.0.1", running.Server.Address.Host);
        Assert.NotEqual(0, running.Server.Address.Port);
        Assert.Equal($"{running.Server.Address}#token={running.Token}", running.Server.PageUrl);
    }

    [Fact]
    public async Task Start_PortInUse_SaysSo()
    {
        await using RunningServer running = await RunningServer.Start();
        CloudsException failure = await Assert.ThrowsAsync<CloudsException>(
            () => RunningServer.Start(new ServerOptions { Port = running.Server.Address.Port }));
        Assert.Equal((Failure.Usage, "the address cannot be listened on"), (failure.Failure, failure.What));
        Assert.Contains("in use", failure.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_SaysSo()
    {
        CloudsException failure = await Assert.ThrowsAsync<CloudsException>(
            () => RunningServer.Start(new ServerOptions { Address = IPAddress.Parse("192.0.2.1") }));
        Assert.Equal((Failure.Usage, "the address cannot be listened on", "192.0.2.1:0"), (failure.Failure, failure.What, failure.Where));
    }

    public static TheoryData<string, ServerOptions> WrongOptions => new()
    {
        { "Port", new ServerOptions { Port = 65536 } },
        { "MaxBody", new ServerOptions { MaxBody = 0 } },
        { "MaxPixels", new ServerOptions { MaxPixels = 0 } },
        { "Timeout", new ServerOptions { Timeout = TimeSpan.Zero } },
        { "Drain", new ServerOptions { Drain = TimeSpan.FromSeconds(-1) } },
        { "Sessions", new ServerOptions { Sessions = 0 } },
        { "Queue", new ServerOptions { Queue = -1 } },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Require_ValueOutOfRange_NamesTheMember(string member, ServerOptions options)
        => Assert.Equal($"ServerOptions.{member}", Assert.Throws<CloudsException>(options.Require).Where);

    [Fact]
    public async Task Start_FolderThatIsNotThere_SaysSo()
    {
        CloudsException failure = await Assert.ThrowsAsync<CloudsException>(() => RunningServer.Start(new ServerOptions { Folder = "/no/such/folder" }));
        Assert.Equal((Failure.BadInput, "/no/such/folder"), (failure.Failure, failure.Where));
    }

    [Fact]
    public async Task Stop_RequestsUnderWay_AreAnsweredAndNewOnesFindNobody()
    {
        await using RunningServer running = await RunningServer.Start();
        RgbImage image = Pictures.Gradient(1024, 768);
        Task<HttpResponseMessage>[] calls = [.. Enumerable.Range(0, 4).Select(_ => running.Segment(RunningServer.Body(image), "?as=ids"))];
        await running.Until("running", 1);
        await running.Server.StopAsync();
        foreach (HttpResponseMessage answer in await Task.WhenAll(calls))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(running.Labels(image), LabelPng.Decode(await answer.Content.ReadAsByteArrayAsync()).Ids);
        }

        using HttpClient late = new();
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync(running.Server.Address));
    }

    [Fact]
    public async Task Stop_RequestThatTakesLongerThanTheDrain_IsEnded()
    {
        await using RunningServer running = await RunningServer.Start(new ServerOptions { Drain = TimeSpan.FromMilliseconds(50), MaxPixels = 100_000_000 });
        Task<HttpResponseMessage> call = running.Segment(RunningServer.Body(Pictures.Gradient(6000, 4000)));
        await running.Until("running", 1);
        await running.Server.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }
}
