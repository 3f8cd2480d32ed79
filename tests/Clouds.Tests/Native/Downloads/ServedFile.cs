using System.Security.Cryptography;
using Clouds.Native.Downloads;

namespace Clouds.Tests.Native.Downloads;

/// <summary>A file that servers of a test give, and where a download of it goes.</summary>
internal sealed class ServedFile : IDisposable
{
    /// <summary>The header by which its version is known.</summary>
    public const string Tag = "ETag: \"one\"";

    /// <summary>A folder for the download alone.</summary>
    public TemporaryFolder Folder { get; } = new();

    /// <summary>Its bytes.</summary>
    public byte[] Content { get; } = [.. Enumerable.Range(0, 300_000).Select(i => (byte)((i * 7) ^ (i >> 8)))];

    /// <summary>What the download warned of.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Where it goes.</summary>
    public string Target => Folder["model.pth"];

    /// <summary>Its SHA-256.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Content));

    public void Dispose() => Folder.Dispose();

    /// <summary>All of it.</summary>
    /// <param name="cut">Bytes after which the connection ends; null: all.</param>
    public byte[] Whole(int? cut = null) => ScriptedServer.Answer("200 OK", Content.AsSpan(0, cut ?? Content.Length), [Tag], Content.Length);

    /// <summary>What a right server answers.</summary>
    public byte[] Rest(ScriptedRequest request) => Rest(request, null);

    /// <summary>The same, but the connection ends early.</summary>
    public byte[] Rest(ScriptedRequest request, int? cut)
    {
        int left = Content.Length - request.From;
        return request.From == 0
            ? Whole(cut)
            : ScriptedServer.Answer("206 Partial Content", Content.AsSpan(request.From, cut ?? left),
                [Tag, $"Content-Range: bytes {request.From}-{Content.Length - 1}/{Content.Length}"], left);
    }

    /// <summary>The request for it.</summary>
    /// <param name="server">From there.</param>
    /// <param name="digits">Digits of its digest that are known.</param>
    public DownloadRequest Request(ScriptedServer server, int digits = 64) =>
        new(server["m"], Target) { Sha256 = digits == 0 ? null : Digest[..digits] };

    /// <summary>Fetches it without waiting between attempts.</summary>
    public Task<DownloadResult> Fetch(ScriptedServer server, int digits = 64) => Fetch(Request(server, digits));

    /// <summary>Fetches anything so.</summary>
    public async Task<DownloadResult> Fetch(DownloadRequest request)
    {
        using FileDownload download = new() { Pause = _ => TimeSpan.Zero, Warn = Warnings.Add };
        return await download.FetchAsync(request);
    }

    /// <summary>Puts down what an earlier download left.</summary>
    public void WritePart(ScriptedServer server, byte[] bytes, string? note = null)
    {
        File.WriteAllBytes(Folder[".model.pth.part"], bytes);
        File.WriteAllText(Folder[".model.pth.part.json"], note ?? $$"""{"source": "{{server["m"]}}", "version": "\"one\""}""");
    }

    /// <summary>It is there, and nothing else.</summary>
    public void AssertWhole()
    {
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(["model.pth"], Directory.GetFiles(Folder.Path).Select(Path.GetFileName));
    }
}
