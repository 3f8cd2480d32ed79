using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Server.Options;

namespace Clouds.Tests.Server.Hosting;

/// <summary>Every kind of failure has a status and the same form.</summary>
[Kind(TestKind.Fast)]
public sealed class AnsweringTests : IAsyncLifetime
{
    private static readonly byte[] Small = ImageFile.EncodePng(Pictures.Gradient(40, 30));

    private RunningServer _running = null!;

    public async ValueTask InitializeAsync()
        => _running = await RunningServer.Start(new ServerOptions { MaxBody = 20_000, MaxPixels = 10_000, Timeout = TimeSpan.FromSeconds(2) });

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Theory]
    [InlineData("no/such/route")]
    [InlineData("segment/more")]
    [InlineData("page/no.js")]
    [InlineData("files")]
    public async Task UnknownRoute_Is404(string path) => await RunningServer.Failure(await _running.Client.GetAsync(path), 404);

    [Theory]
    [InlineData("GET", "segment", "POST")]
    [InlineData("DELETE", "segment", "POST")]
    [InlineData("POST", "health", "GET")]
    public async Task WrongMethod_Is405AndNamesTheRightOne(string method, string path, string right)
    {
        using HttpResponseMessage answer = await _running.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        JsonElement failure = await RunningServer.Failure(answer, 405);
        Assert.Equal((method, right), (failure.GetProperty("found").GetString(), failure.GetProperty("expected").GetString()));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("image/gif")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task WrongContentType_Is415(string type)
        => Assert.Equal(type, (await RunningServer.Failure(await _running.Segment(RunningServer.Body(Small, type)), 415)).GetProperty("found").GetString());

    [Fact]
    public async Task MissingContentType_Is415()
        => await RunningServer.Failure(await _running.Segment(new ByteArrayContent(Small)), 415);

    [Fact]
    public async Task CompressedBody_Is415()
    {
        ByteArrayContent body = RunningServer.Body(Small);
        body.Headers.ContentEncoding.Add("gzip");
        Assert.Equal("Content-Encoding", (await RunningServer.Failure(await _running.Segment(body), 415)).GetProperty("where").GetString());
    }

    [Theory]
    [InlineData("?as=tiff", "'as'")]
    [InlineData("?as=", "'as'")]
    [InlineData("?as=json&as=ids", "'as'")]
    [InlineData("?opacity=2", "'opacity'")]
    [InlineData("?opacity=NaN", "'opacity'")]
    [InlineData("?opacity=half", "'opacity'")]
    public async Task WrongParameter_Is400AndNamed(string query, string parameter)
    {
        JsonElement failure = await RunningServer.Failure(await _running.Segment(RunningServer.Body(Small), query), 400);
        Assert.Contains(parameter, failure.GetProperty("where").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyBody_Is400() => await RunningServer.Failure(await _running.Segment(RunningServer.Body([])), 400);

    [Theory]
    [InlineData("no image at all")]
    [InlineData("GIF89a and so on, which no one reads here")]
    [InlineData("\u0089PNG\r\n\u001a\n and nothing behind it")]
    public async Task BadImage_Is422(string text)
    {
        JsonElement failure = await RunningServer.Failure(await _running.Segment(RunningServer.Body([.. text.Select(letter => (byte)letter)])), 422);
        Assert.Equal(("badInput", "body"), (failure.GetProperty("failure").GetString(), failure.GetProperty("where").GetString()));
        Assert.NotEmpty(failure.GetProperty("expected").GetString()!);
    }

    [Fact]
    public async Task ImageThatEndsEarly_Is422()
        => await RunningServer.Failure(await _running.Segment(RunningServer.Body(Small[..(Small.Length * 2 / 3)])), 422);

    [Fact]
    public async Task TooManyPixels_Is413WithoutDecoding()
    {
        JsonElement failure = await RunningServer.Failure(await _running.Segment(RunningServer.Body(new RgbImage(101, 100))), 413);
        Assert.Equal("101 x 100 pixels", failure.GetProperty("found").GetString());
    }

    [Fact]
    public async Task OversizedBody_Is413()
        => Assert.Equal("20001 bytes",
            (await RunningServer.Failure(await _running.Segment(RunningServer.Body(new byte[20_001])), 413)).GetProperty("found").GetString());

    [Fact]
    public async Task OversizedBodyOfUnknownLength_Is413()
    {
        StreamContent body = new(new MemoryStream(new byte[5_000_000])) { Headers = { ContentType = new("image/png") } };
        HttpRequestMessage request = new(HttpMethod.Post, "segment") { Content = body };
        request.Headers.TransferEncodingChunked = true;
        await RunningServer.Failure(await _running.Client.SendAsync(request), 413);
    }

    [Fact]
    public async Task BodyThatNeverEnds_Is408()
    {
        string answer = await _running.Raw("POST /segment HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: image/png\r\n"
            + "Content-Length: 1000\r\nConnection: close\r\n\r\nonly this");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"what\":\"the body did not come in time\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeadersThatNeverEnd_CloseTheConnection()
    {
        string answer = await _running.Raw("GET /health HTTP/1.1\r\nHost: HOST\r\nX-Slow: ");
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task NoHttp_IsRefused()
        => Assert.StartsWith("HTTP/1.1 400 ", await _running.Raw("HELLO, is this HTTP?\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task BrokenChunks_Are400()
    {
        string answer = await _running.Raw("POST /segment HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: image/png\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nnothing\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"error\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Healthy_AfterAllOfThem()
    {
        using HttpResponseMessage answer = await _running.Segment(RunningServer.Body(Small), "?as=ids");
        Assert.Equal(_running.Labels(ImageFile.Decode(Small)), LabelPng.Decode(await answer.Content.ReadAsByteArrayAsync()).Ids);
    }
}
