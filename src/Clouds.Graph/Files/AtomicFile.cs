using Clouds.Diagnostics;

namespace Clouds.Graph.Files;

/// <summary>
/// A file that appears whole or not at all: bytes go to a temporary name in the same folder, <see cref="Commit"/> forces
/// them to the disk and renames. Until then, and after any failure, what stood under the name before is untouched.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private readonly string _temporary;
    private readonly Stream _stream;
    private bool _open = true;

    /// <summary>Starts a file.</summary>
    /// <param name="path">Its final name; missing folders are made.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the folder cannot be written.</exception>
    public AtomicFile(string path)
        : this(path, temporary => new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
    {
    }

    // Tests hand in a stream that fails like a full disk.
    internal AtomicFile(string path, Func<string, Stream> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
        MakeFolder(path);
        _temporary = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $".{System.IO.Path.GetFileName(Path)}.{Environment.ProcessId}.tmp");
        _stream = Guard(() => open(_temporary));
    }

    /// <summary>The final name, absolute.</summary>
    public string Path { get; }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the disk is full or gone; the temporary file is removed.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(!_open, this);
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsOutput(e))
        {
            throw Abandon(e);
        }
    }

    /// <summary>Writes over bytes that were written before; what is appended afterwards still goes to the end.</summary>
    /// <param name="offset">First byte, counted from the start of the file.</param>
    /// <param name="bytes">The new ones, all within what was written.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the disk is gone; the temporary file is removed.</exception>
    public void Rewrite(long offset, ReadOnlySpan<byte> bytes)
    {
        long end = _stream.Position;
        _stream.Position = offset;
        Write(bytes);
        _stream.Position = end;
    }

    /// <summary>The temporary name, under which all bytes so far can be read by somebody who looks at them before <see cref="Commit"/>.</summary>
    public string Provisional() => Guard(() =>
    {
        _stream.Flush();
        return _temporary;
    });

    /// <summary>Forces the bytes to the disk and gives the file its name, replacing what was there.</summary>
    /// <param name="kept">
    /// Name in the same folder that what was there gets first, so that at no moment there is less than one file; null: it is gone.
    /// </param>
    public void Commit(string? kept = null)
    {
        ObjectDisposedException.ThrowIf(!_open, this);
        Guard(() =>
        {
            _stream.Flush();
            (_stream as FileStream)?.Flush(flushToDisk: true);
            _stream.Dispose();
            GiveName(kept);
            _open = false;
            return true;
        });
    }

    /// <summary>Writes a whole file at once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Output"/>: the folder cannot be made or written, or the disk is full.</exception>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using AtomicFile file = new(path);
        file.Write(bytes);
        file.Commit();
    }

    /// <summary>Removes the temporary file unless the file was committed.</summary>
    public void Dispose()
    {
        if (_open)
        {
            Discard();
        }
    }

    private static void MakeFolder(string path)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (IsOutput(e))
        {
            throw new CloudsException(Failure.Output, "a folder cannot be made", folder, e.Message, "a folder that can be written", "name another place", e);
        }
    }

    // .NET's word for a file that would grow past the user's limit is that an argument is out of range.
    private static bool IsOutput(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    // On Unix this is a second link to the old file, then a rename over its first.
    private void GiveName(string? kept)
    {
        if (kept is not null && File.Exists(Path))
        {
            File.Replace(_temporary, Path, kept);
        }
        else
        {
            File.Move(_temporary, Path, overwrite: true);
        }
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOutput(e))
        {
            throw Abandon(e);
        }
    }

    private CloudsException Abandon(Exception e)
    {
        Discard();
        string found = e is ArgumentOutOfRangeException ? "it would be larger than files may be here (ulimit -f)" : e.Message;
        return new CloudsException(Failure.Output, "a file cannot be written; what stood there before is unchanged",
            Path, found, "a writable folder with enough space", "free space, or name another place", e);
    }

    private void Discard()
    {
        _open = false;
        try
        {
            _stream?.Dispose();
        }
        catch (Exception e) when (IsOutput(e))
        {
            // Closing flushes, and on a full disk fails once more; the first failure is the one that is reported.
        }

        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (IsOutput(e))
        {
            // Nothing more can be done about a leftover, and it must not hide the first failure.
        }
    }
}
