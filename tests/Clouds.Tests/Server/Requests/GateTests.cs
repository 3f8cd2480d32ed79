using System.Text.Json;
using Clouds.Server.Options;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Requests;

[Kind(TestKind.Fast)]
public sealed class GateTests : IAsyncLifetime
{
    private RunningServer _running = null!;

    public async ValueTask InitializeAsync() => _running = await RunningServer.Start(new ServerOptions { HostNames = ["clouds.example"] });

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Theory]
    [InlineData("GET", "health")]
    [InlineData("GET", "metrics")]
    [InlineData("GET", "models")]
    [InlineData("GET", "files")]
    [InlineData("GET", "files/a.png")]
    [InlineData("POST", "segment")]
    [InlineData("GET", "no/such/route")]
    [InlineData("PUT", "segment")]
    public async Task Request_WithoutToken_IsRefused(string method, string path)
    {
        using HttpClient stranger = new() { BaseAddress = _running.Server.Address };
        using HttpResponseMessage answer = await stranger.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        JsonElement failure = await RunningServer.Failure(answer, 401);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal("Authorization", failure.GetProperty("where").GetString());
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("TOKEN")]
    [InlineData("Basic TOKEN")]
    [InlineData("Bearer TOKENx")]
    public async Task Request_WithAnotherToken_IsRefused(string authorization)
        => Assert.StartsWith("HTTP/1.1 401 ", await Get("/health", $"Host: HOST\r\nAuthorization: {authorization}"), StringComparison.Ordinal);

    [Fact]
    public async Task Request_TokenInTheUrl_IsRefused()
        => Assert.StartsWith("HTTP/1.1 401 ", await Get("/health?token=TOKEN", "Host: HOST"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/")]
    [InlineData("/page/page.js")]
    [InlineData("/page/page.css")]
    public async Task Page_WithoutToken_IsSent(string path)
        => Assert.StartsWith("HTTP/1.1 200 ", await Get(path, "Host: HOST"), StringComparison.Ordinal);

    [Theory]
    [InlineData("HOST", true)]
    [InlineData("localhost", true)]
    [InlineData("LocalHost:1234", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("Clouds.Example:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8080", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.0.2.1", false)]
    public async Task Request_UnderAName_IsAnsweredUnderItsOwnOnly(string host, bool answered)
    {
        foreach (string path in (string[])["/", "/health"])
        {
            string answer = await Get(path, $"Host: {host}\r\nAuthorization: Bearer TOKEN");
            Assert.StartsWith(answered ? "HTTP/1.1 200 " : "HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://HOST", true)]
    [InlineData("http://evil.example", false)]
    [InlineData("http://localhost:1", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("file://", false)]
    [InlineData("http://HOST.evil.example", false)]
    public async Task Request_OfAPage_IsAnsweredToItsOwnOnly(string origin, bool answered)
    {
        string answer = await Get("/health", $"Host: HOST\r\nAuthorization: Bearer TOKEN\r\nOrigin: {origin}");
        Assert.StartsWith(answered ? "HTTP/1.1 200 " : "HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("same-origin", true)]
    [InlineData("none", true)]
    [InlineData("cross-site", false)]
    [InlineData("same-site", false)]
    public async Task Request_FromASite_IsAnsweredToItsOwnOnly(string site, bool answered)
    {
        string answer = await Get("/health", $"Host: HOST\r\nAuthorization: Bearer TOKEN\r\nSec-Fetch-Site: {site}");
        Assert.StartsWith(answered ? "HTTP/1.1 200 " : "HTTP/1.1 403 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_OfAnotherPage_IsRefusedAndPromisesNothing()
    {
        string answer = await _running.Raw("OPTIONS /segment HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example\r\n"
            + "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Answers_CarryTheHeadersThatProtectThePage()
    {
        foreach (string path in (string[])["", "health", "no/such/route"])
        {
            using HttpResponseMessage answer = await _running.Client.GetAsync(path);
            string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.Empty(answer.Headers.Server);
        }
    }

    private Task<string> Get(string path, string headers) => _running.Raw($"GET {path} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n");
}
