using Clouds.Diagnostics;
using Clouds.Native.Downloads;

namespace Clouds.Tests.Native.Downloads;

/// <summary>What a download refuses.</summary>
[Kind(TestKind.Fast)]
public sealed class DownloadRulesTests : IDisposable
{
    private readonly ServedFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Digest_OfAnotherFile_IsAFailureAndLeavesNothing()
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer("200 OK", new byte[1000], [ServedFile.Tag]));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains(_file.Digest, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_file.Folder.Path));
    }

    // The connection carries more than was promised: what is promised counts, and its digest is another.
    [Fact]
    public async Task Length_ThatIsTooShort_IsFoundByTheDigest()
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer("200 OK", _file.Content, [ServedFile.Tag], _file.Content.Length - 10));
        Assert.Equal(Failure.Weights, (await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server))).Failure);
    }

    [Fact]
    public async Task Length_ThatNeverComes_EndsAfterSomeAttempts()
    {
        using ScriptedServer server = new(request => request.From == 0
            ? ScriptedServer.Answer("200 OK", _file.Content, [ServedFile.Tag], 2 * _file.Content.Length)
            : ScriptedServer.Answer("206 Partial Content", [],
                [ServedFile.Tag, $"Content-Range: bytes {request.From}-{(2 * _file.Content.Length) - 1}/{2 * _file.Content.Length}"], _file.Content.Length));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Equal(6, server.Requests.Count);
    }

    [Fact]
    public async Task Length_BeyondTheLimit_IsRefusedBeforeAnythingIsWritten()
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer("200 OK", _file.Content, [ServedFile.Tag]));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() =>
            _file.Fetch(new DownloadRequest(server["m"], _file.Target) { MostBytes = 1000 }));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains("at most 1000 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Length_OfAnotherFileThanPublished_IsRefused()
    {
        using ScriptedServer server = new(_ => _file.Whole());
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(new DownloadRequest(server["m"], _file.Target) { Bytes = 12 }));
        Assert.Contains("another length", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_WithoutEnd_AreRefusedAtTheLimit()
    {
        byte[] piece = [.. "FFF\r\n"u8, .. new byte[0xFFF], .. "\r\n"u8];
        byte[] head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();
        using ScriptedServer server = new(_ => [.. head, .. Enumerable.Repeat(piece, 20).SelectMany(bytes => bytes)]);
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() =>
            _file.Fetch(new DownloadRequest(server["m"], _file.Target) { MostBytes = 10_000 }));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains("more than it should", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disk_ThatIsTooSmall_IsSaidBeforeAnythingComes()
    {
        using ScriptedServer server = new(_ => _file.Whole());
        using FileDownload download = new() { FreeBytes = _ => 1000 };
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => download.FetchAsync(new DownloadRequest(server["m"], _file.Target)));
        Assert.Equal(Failure.Output, e.Failure);
        Assert.Contains($"{_file.Content.Length} bytes", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found", "404")]
    [InlineData("403 Forbidden", "browser")]
    [InlineData("204 No Content", "204")]
    public async Task Answer_ThatWillNotChange_EndsAtOnce(string status, string word)
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer(status, [], []));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains(word, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("Content-Type: text/html; charset=utf-8", "a web page")]
    [InlineData("Content-Encoding: gzip", "packs the file")]
    public async Task Answer_ThatIsNotTheFile_IsRefused(string header, string word)
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer("200 OK", _file.Content, [header]));
        Assert.Contains(word, (await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_AtOneFile_DoNotMixTheirBytes()
    {
        using ScriptedServer server = new(_ => _file.Whole());
        using PartialFile other = new(_file.Target, server["m"], path => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        Assert.Equal(Failure.Output, (await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server))).Failure);
    }

    [Theory]
    [InlineData("http://example.org/m.pth")]
    [InlineData("ftp://example.org/m.pth")]
    [InlineData("https://user:word@example.org/m.pth")]
    [InlineData("data:,x")]
    public async Task Address_OverWhichAnybodyCouldSend_IsRefused(string address) => Assert.Equal(
        Failure.Usage, (await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(new DownloadRequest(new Uri(address), _file.Target)))).Failure);
}
