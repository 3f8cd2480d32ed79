using System.Diagnostics;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Server.Options;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Routes;

/// <summary>What lies in the opened folder is sent, and nothing else, however it is asked for.</summary>
[Kind(TestKind.Fast)]
public sealed class OpenedFolderTests : IAsyncLifetime
{
    private static readonly byte[] Inside = ImageFile.EncodePng(Pictures.Gradient(8, 8));
    private static readonly byte[] Secret = ImageFile.EncodePng(Pictures.Noise(8, 8));

    private readonly TemporaryFolder _folder = new();
    private RunningServer _running = null!;

    public async ValueTask InitializeAsync()
    {
        foreach (string name in (string[])["open/a.png", "open/sub folder/ü#1.png", "open/.hidden.png", "open/%2e%2e.png"])
        {
            File.WriteAllBytes(_folder[name], Inside);
        }

        File.WriteAllText(_folder["open/notes.txt"], "no image");
        File.WriteAllBytes(_folder["secret.png"], Secret);
        File.WriteAllBytes(_folder["open-too/secret.png"], Secret);
        File.CreateSymbolicLink(_folder["open/out.png"], _folder["secret.png"]);
        File.CreateSymbolicLink(_folder["open/in.png"], _folder["open/a.png"]);
        Directory.CreateSymbolicLink(_folder["open/outside"], _folder.Path);
        Process.Start("mkfifo", [_folder["open/pipe.png"]]).WaitForExit();
        _running = await RunningServer.Start(new ServerOptions { Folder = _folder["open"] });
    }

    public async ValueTask DisposeAsync()
    {
        await _running.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task List_HasTheImagesWithoutLinksAndHiddenOnes()
    {
        JsonElement list = JsonDocument.Parse(await _running.Client.GetStringAsync("files")).RootElement;
        Assert.Equal(["%2e%2e.png", "a.png", "pipe.png", "sub folder/ü#1.png"],
            list.GetProperty("images").EnumerateArray().Select(path => path.GetString()));
        Assert.False(list.GetProperty("more").GetBoolean());
    }

    [Theory]
    [InlineData("/files/a.png")]
    [InlineData("/files/sub%20folder/%C3%BC%231.png")]
    [InlineData("/files/%252e%252e.png")]
    [InlineData("/files/in.png")]
    [InlineData("/files/sub%20folder/../a.png")]
    public async Task Read_ImageInside_IsSent(string path)
    {
        using HttpResponseMessage answer = await _running.Client.SendAsync(AsItStands(path));
        Assert.Equal("image/png", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Inside, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/files/../secret.png")]
    [InlineData("/files/%2e%2e/secret.png")]
    [InlineData("/files/%2E%2E%2Fsecret.png")]
    [InlineData("/files/..%2fsecret.png")]
    [InlineData("/files/%252e%252e/secret.png")]
    [InlineData("/files/%252e%252e%252fsecret.png")]
    [InlineData("/files/..%5csecret.png")]
    [InlineData("/files/%c0%ae%c0%ae/secret.png")]
    [InlineData("/files/sub%20folder/../../secret.png")]
    [InlineData("/files/sub%20folder/%2e%2e/%2e%2e/secret.png")]
    [InlineData("/files/../open-too/secret.png")]
    [InlineData("/files//FOLDER/secret.png")]
    [InlineData("/files/%2fFOLDER/secret.png")]
    [InlineData("/files/FOLDER/secret.png")]
    [InlineData("/files/out.png")]
    [InlineData("/files/outside/secret.png")]
    [InlineData("/files/outside/open/../secret.png")]
    [InlineData("/files/a.png%00.png")]
    [InlineData("/files/notes.txt")]
    [InlineData("/files/sub%20folder")]
    [InlineData("/files/none.png")]
    [InlineData("/files/pipe.png")]
    [InlineData("/files/a.png/")]
    public async Task Read_AnythingElse_IsNotFound(string path)
    {
        string answer = await _running.Raw(
            $"GET {path.Replace("FOLDER", _folder.Path.TrimStart('/'), StringComparison.Ordinal)} HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\n"
                + "Connection: close\r\n\r\n");
        Assert.True(answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Read_NoFolderOpen_IsNotFound()
    {
        await using RunningServer closed = await RunningServer.Start();
        await RunningServer.Failure(await closed.Client.GetAsync("files/a.png"), 404);
    }

    private HttpRequestMessage AsItStands(string path) => new(
        HttpMethod.Get,
        new Uri($"http://{_running.Server.Address.Authority}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
}
