using System.Net;
using Clouds.Diagnostics;
using Clouds.Native.Downloads;

namespace Clouds.Tests.Native.Downloads;

[Kind(TestKind.Fast)]
public sealed class HttpServerTests
{
    private static readonly Uri Start = new("https://example.org/a/model.pth");

    [Theory]
    [InlineData("https://files.example.org/x", "https://files.example.org/x")]
    [InlineData("/b/model.pth", "https://example.org/b/model.pth")]
    [InlineData("other.pth", "https://example.org/a/other.pth")]
    public async Task Redirect_ToHttps_IsFollowed(string location, string expected)
    {
        List<Uri> asked = [];
        using HttpClient client = new(new Redirecting(asked, location, 1));
        await using RemotePiece piece = await new HttpServer(client).OpenAsync(Start, 0, null, default);
        Assert.Equal([Start, new Uri(expected)], asked);
        Assert.Equal(3, piece.Total);
    }

    [Theory]
    [InlineData("http://example.org/model.pth")]
    [InlineData("ftp://example.org/model.pth")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@example.org/model.pth")]
    [InlineData(null)]
    public async Task Redirect_ToAnythingElse_IsRefused(string? location)
    {
        List<Uri> asked = [];
        using HttpClient client = new(new Redirecting(asked, location, 1));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => new HttpServer(client).OpenAsync(Start, 0, null, default));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Equal([Start], asked);
    }

    [Fact]
    public async Task Redirects_WithoutEnd_AreRefused()
    {
        List<Uri> asked = [];
        using HttpClient client = new(new Redirecting(asked, "/again", int.MaxValue));
        await Assert.ThrowsAsync<CloudsException>(() => new HttpServer(client).OpenAsync(Start, 0, null, default));
        Assert.Equal(9, asked.Count);
    }

    [Fact]
    public async Task Host_ThatIsNotThere_MayPass()
    {
        using HttpClient client = HttpServer.NewClient();
        await Assert.ThrowsAsync<PassingException>(() => new HttpServer(client).OpenAsync(new Uri("http://127.0.0.1:1/m"), 0, null, default));
    }

    private sealed class Redirecting(List<Uri> asked, string? location, int times) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Add(request.RequestUri!);
            HttpResponseMessage response = new(asked.Count <= times ? HttpStatusCode.Found : HttpStatusCode.OK) { Content = new ByteArrayContent([1, 2, 3]) };
            if (location is not null)
            {
                response.Headers.TryAddWithoutValidation("Location", location);
            }

            return Task.FromResult(response);
        }
    }
}
