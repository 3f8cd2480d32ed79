using Clouds.Diagnostics;
using Clouds.Native.Downloads;

namespace Clouds.Tests.Native.Downloads;

[Kind(TestKind.Fast)]
public sealed class FileDownloadTests : IDisposable
{
    private readonly ServedFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(64)]
    [InlineData(8)]
    [InlineData(0)]
    public async Task File_InOnePiece_IsThereWithItsDigestAndNothingElse(int digits)
    {
        using ScriptedServer server = new(_ => _file.Whole());
        DownloadResult result = await _file.Fetch(server, digits);
        Assert.Equal((_file.Content.Length, _file.Digest, _file.Content.Length), ((int)result.Bytes, result.Sha256, (int)result.Fetched));
        _file.AssertWhole();
    }

    [Fact]
    public async Task Connection_ThatIsCut_GoesOnBehindWhatCame()
    {
        using ScriptedServer server = new(request => request.Number < 3
            ? _file.Rest(request, cut: 50_000)
            : _file.Rest(request));
        DownloadResult result = await _file.Fetch(server);
        Assert.Equal([0, 50_000, 100_000, 150_000], server.Requests.Select(request => request.From));
        Assert.Equal([null, "\"one\"", "\"one\"", "\"one\""], server.Requests.Select(request => request.Header("If-Range")));
        Assert.Equal(_file.Content.Length, result.Fetched);
        Assert.Equal(3, _file.Warnings.Count);
        _file.AssertWhole();
    }

    [Fact]
    public async Task LaterCall_GoesOnWhereAnEarlierOneEnded()
    {
        using ScriptedServer server = new(request => request.Number < 6 ? _file.Rest(request, cut: request.From == 0 ? 70_000 : 0) : _file.Rest(request));
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains("70000 bytes are kept", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_file.Target));
        DownloadResult result = await _file.Fetch(server);
        Assert.Equal(70_000, server.Requests.Last().From);
        Assert.Equal(_file.Content.Length - 70_000, result.Fetched);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Server_ThatIgnoresRanges_IsReadFromTheStart()
    {
        using ScriptedServer server = new(request => request.Number == 0 ? _file.Whole(cut: 60_000) : _file.Whole());
        await _file.Fetch(server);
        Assert.Equal(60_000, server.Requests.Last().From);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Server_WithoutVersions_IsNeverAskedForARest()
    {
        using ScriptedServer server = new(request =>
            ScriptedServer.Answer("200 OK", _file.Content.AsSpan(0, request.Number == 0 ? 9 : _file.Content.Length), [], _file.Content.Length));
        await _file.Fetch(server);
        Assert.Equal([0, 0], server.Requests.Select(request => request.From));
        _file.AssertWhole();
    }

    [Fact]
    public async Task Server_ThatKnowsDatesOnly_IsAskedWithThem()
    {
        const string Date = "Sat, 28 Nov 2026 10:00:00 GMT";
        using ScriptedServer server = new(request => request.Number == 0
            ? ScriptedServer.Answer("200 OK", _file.Content.AsSpan(0, 1000), [$"Last-Modified: {Date}"], _file.Content.Length)
            : ScriptedServer.Answer("206 Partial Content", _file.Content.AsSpan(1000), [Range(1000)]));
        await _file.Fetch(server);
        Assert.Equal(Date, server.Requests.Last().Header("If-Range"));
        _file.AssertWhole();
    }

    // Right servers answer If-Range with all of the new file; wrong ones give a part of it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task File_ThatChangesBetweenAttempts_IsTheNewOne(bool right)
    {
        byte[] other = [.. _file.Content.Reverse()];
        using ScriptedServer server = new(request => request.Number == 0
            ? ScriptedServer.Answer("200 OK", other.AsSpan(0, 5000), ["ETag: \"old\""], other.Length)
            : request.From > 0 && !right ? _file.Rest(request) : _file.Whole());
        await _file.Fetch(server);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Server_ThatGivesAnotherPart_IsReadFromTheStart()
    {
        using ScriptedServer server = new(request => request.From == 0 ? _file.Whole(request.Number == 0 ? 5000 : null)
            : ScriptedServer.Answer("206 Partial Content", _file.Content.AsSpan(4000), [ServedFile.Tag, Range(4000)]));
        await _file.Fetch(server);
        _file.AssertWhole();
    }

    [Fact]
    public async Task File_ThatWasWholeBeforeItGotItsName_IsNotFetchedAgain()
    {
        using ScriptedServer server = new(request => request.From == _file.Content.Length
            ? ScriptedServer.Answer("416 Range Not Satisfiable", [], [$"Content-Range: bytes */{_file.Content.Length}"])
            : _file.Whole());
        _file.WritePart(server, _file.Content);
        DownloadResult result = await _file.Fetch(server);
        Assert.Equal(0, result.Fetched);
        _file.AssertWhole();
    }

    [Fact]
    public async Task PartOfAnotherFile_UnderTheSameVersion_IsFoundByTheDigestAndFetchedAnew()
    {
        using ScriptedServer server = new(request => _file.Rest(request));
        _file.WritePart(server, new byte[1000]);
        await _file.Fetch(server);
        Assert.Equal([1000, 0], server.Requests.Select(request => request.From));
        _file.AssertWhole();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"source\": 3}")]
    [InlineData("{\"source\": \"https://example.org/other\", \"version\": \"one\"}")]
    public async Task NoteThatIsNone_MeansAFreshStart(string note)
    {
        using ScriptedServer server = new(request => _file.Rest(request));
        _file.WritePart(server, new byte[1000], note);
        await _file.Fetch(server, digits: 0);
        Assert.Equal(0, Assert.Single(server.Requests).From);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Disk_ThatFillsUp_KeepsWhatCameForLater()
    {
        using ScriptedServer server = new(request => _file.Rest(request));
        using (FileDownload download = new() { Open = path => new FullDisk(path, 100_000) })
        {
            CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => download.FetchAsync(_file.Request(server, 64)));
            Assert.Equal(Failure.Output, e.Failure);
            Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
        }

        DownloadResult result = await _file.Fetch(server);
        Assert.InRange(result.Fetched, 1, _file.Content.Length - 1);
        _file.AssertWhole();
    }

    [Theory]
    [InlineData("503 Service Unavailable")]
    [InlineData("429 Too Many Requests")]
    public async Task Server_ThatIsBusy_IsAskedAgain(string status)
    {
        using ScriptedServer server = new(request => request.Number < 2 ? ScriptedServer.Answer(status, [], []) : _file.Whole());
        await _file.Fetch(server);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Server_ThatFallsSilent_IsAskedAgain()
    {
        using SilentServer server = new(_file.Rest);
        using FileDownload download = new() { Patience = TimeSpan.FromMilliseconds(300), Pause = _ => TimeSpan.Zero, Warn = _file.Warnings.Add };
        await download.FetchAsync(new DownloadRequest(server.Address, _file.Target) { Sha256 = _file.Digest });
        Assert.Contains("nothing came", _file.Warnings[0], StringComparison.Ordinal);
        _file.AssertWhole();
    }

    [Fact]
    public async Task Cancelled_KeepsWhatCame()
    {
        using CancellationTokenSource stop = new();
        using ScriptedServer server = new(request => request.Number == 0 ? _file.Rest(request, cut: 40_000) : _file.Rest(request));
        using FileDownload download = new() { Pause = _ => TimeSpan.FromMinutes(5), Warn = _ => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.FetchAsync(_file.Request(server, 64), null, stop.Token));
        await _file.Fetch(server);
        Assert.Equal(40_000, server.Requests.Last().From);
        _file.AssertWhole();
    }

    [Fact]
    public async Task File_ThatIsThere_IsLeftAloneAndNobodyIsAsked()
    {
        using ScriptedServer server = new(_ => _file.Whole());
        File.WriteAllBytes(_file.Target, _file.Content);
        Assert.Equal(0, (await _file.Fetch(server)).Fetched);
        File.WriteAllText(_file.Target, "another");
        Assert.Equal(Failure.Usage, (await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(server))).Failure);
        Assert.Empty(server.Requests);
        await _file.Fetch(new DownloadRequest(server["m"], _file.Target) { Sha256 = _file.Digest, Overwrite = true });
        _file.AssertWhole();
    }

    [Fact]
    public async Task LocalMirror_GivesTheFileAndGoesOn()
    {
        File.WriteAllBytes(_file.Folder["mirror/m.pth"], _file.Content);
        DownloadResult result = await _file.Fetch(new DownloadRequest(new Uri(_file.Folder["mirror/m.pth"]), _file.Target) { Sha256 = _file.Digest });
        Assert.Equal(_file.Content.Length, result.Fetched);
        Assert.Equal(_file.Content, File.ReadAllBytes(_file.Target));
        DownloadRequest none = new(new Uri(_file.Folder["mirror/none"]), _file.Folder["x"]);
        CloudsException e = await Assert.ThrowsAsync<CloudsException>(() => _file.Fetch(none));
        Assert.Equal(Failure.BadInput, e.Failure);
    }

    private string Range(int from) => $"Content-Range: bytes {from}-{_file.Content.Length - 1}/{_file.Content.Length}";

    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Position + buffer.Length > room)
            {
                base.Write(buffer[..(int)(room - Position)]);
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
