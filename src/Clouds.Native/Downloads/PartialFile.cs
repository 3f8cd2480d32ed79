using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Downloads;

/// <summary>
/// What there is of a file that is being fetched: its first bytes under a temporary name in the folder where it goes, and a note beside them that says of
/// which version of what they are. Both stay after an interruption.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly string _note;
    private readonly Uri _source;
    private readonly FileStream _stream;

    /// <param name="path">The final name.</param>
    /// <param name="source">Where it is fetched from.</param>
    /// <param name="open">Opens the temporary file for this object alone.</param>
    /// <exception cref="CloudsException">Output: the folder cannot be written, or another process is at it.</exception>
    public PartialFile(string path, Uri source, Func<string, FileStream> open)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        (_path, _source) = (path, source);
        Path = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.part");
        _note = Path + ".json";
        _stream = Guard(() =>
        {
            Directory.CreateDirectory(folder);
            return open(Path);
        });
        Version = ReadNote();
        _stream.Position = Version is null ? 0 : _stream.Length;
        _stream.SetLength(_stream.Position);
    }

    /// <summary>The temporary name.</summary>
    public string Path { get; }

    /// <summary>Bytes that are there.</summary>
    public long Length => _stream.Position;

    /// <summary>Of which version they are; null: nobody knows, so that they are of no use to another attempt.</summary>
    public string? Version { get; private set; }

    /// <summary>Forgets what is there.</summary>
    public void Restart()
    {
        Version = null;
        _stream.Position = 0;
        Guard(() =>
        {
            _stream.SetLength(0);
            File.Delete(_note);
        });
    }

    /// <summary>Notes of which version the bytes are.</summary>
    public void Note(string? version)
    {
        if (version is not null && version != Version)
        {
            JsonObject note = new() { ["source"] = _source.AbsoluteUri, ["version"] = version };
            AtomicFile.WriteAllBytes(_note, JsonSerializer.SerializeToUtf8Bytes(note));
        }

        Version = version;
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or gone; what was written before stays.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        long before = _stream.Position;
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsOutput(e))
        {
            throw Unwritable(e, before);
        }
    }

    /// <summary>Forces the bytes to the disk and reads all of them back.</summary>
    /// <returns>Their SHA-256.</returns>
    public string Digest(IProgress<ProgressReport>? progress, CancellationToken cancellation) => Guard(() =>
    {
        _stream.Flush(flushToDisk: true);
        _stream.Position = 0;
        string digest = FileDigest.Of(_stream, progress, cancellation);
        _stream.Position = _stream.Length;
        return digest;
    });

    /// <summary>Gives the file its name.</summary>
    /// <param name="overwrite">Whether another may go for it.</param>
    public void Commit(bool overwrite) => Guard(() =>
    {
        _stream.Dispose();
        File.Move(Path, _path, overwrite);
        File.Delete(_note);
    });

    /// <summary>Removes what is there.</summary>
    public void Discard() => Guard(() =>
    {
        _stream.Dispose();
        File.Delete(Path);
        File.Delete(_note);
    });

    /// <summary>Closes the file; it stays, so that another attempt goes on.</summary>
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (Exception e) when (IsOutput(e))
        {
            // Closing writes what a full disk has refused already; that failure is the one that is told.
        }
    }

    // Anything but a note of this very source is no note: the bytes are fetched again.
    private string? ReadNote()
    {
        try
        {
            using JsonDocument note = JsonDocument.Parse(File.ReadAllBytes(_note));
            return note.RootElement.GetProperty("source").GetString() == _source.AbsoluteUri ? note.RootElement.GetProperty("version").GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsOutput(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    private bool Guard(Action action) => Guard(() =>
    {
        action();
        return true;
    });

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOutput(e))
        {
            throw Unwritable(e, null);
        }
    }

    private CloudsException Unwritable(Exception e, long? written) => new(Failure.Output, "a file that is being fetched cannot be written", Path,
        e.Message, "a folder that can be written, with enough space",
        written > 0 ? $"free space and fetch it again: {written} bytes are kept, and it goes on behind them" : "free space, or name another place", e);
}
