using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// A file mapped into memory for reading: a byte comes from the disk when it is first touched, and the system takes pages back when it needs
/// the room. Any number of threads may read. A file that is deleted, or replaced by another under its name, stays readable; one that is cut in place
/// ends the process at the next byte that is gone (SIGBUS), which is why users ask <see cref="RequireUnchanged"/> before they touch it.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeBuffer _memory;
    private readonly IDisposable? _map;
    private readonly FileStream? _stream;
    private readonly DateTime _written;
    private byte* _start;

    private MappedFile(string path, string name, MemoryMappedFile map, FileStream stream)
        : this(path, name, stream.Length, map.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle)
        => (_map, _stream, _written) = (map, stream, File.GetLastWriteTimeUtc(stream.SafeFileHandle));

    private MappedFile(string path, string name, long bytes, SafeBuffer memory)
    {
        (Path, Name, Bytes, _memory) = (path, name, bytes, memory);
        memory.AcquirePointer(ref _start);
        // The memory is released with this object only, so the address outlives the hold on it.
        memory.ReleasePointer();
    }

    /// <summary>The file, as given.</summary>
    public string Path { get; }

    /// <summary>Its name without folders, or what it is called among files of which another has that name.</summary>
    public string Name { get; private set; }

    /// <summary>Its length.</summary>
    public long Bytes { get; }

    /// <summary>Whether it is a file of the disk and not one in memory only, whose pages hold what nothing else does.</summary>
    public bool OnDisk => _stream is not null;

    /// <summary>Address of the first byte, valid until the file is disposed.</summary>
    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return (nint)_start;
        }
    }

    /// <summary>Maps a file.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: missing, unreadable or empty.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length == 0)
            {
                throw Empty(path, stream);
            }

            MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(path, System.IO.Path.GetFileName(path), map, stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.Weights, "a weight file cannot be opened", path, e.Message, "a readable file of weights", "check the path and the permissions", e);
        }
    }

    /// <summary>Part of the file, valid until the file is disposed.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Number of bytes, all within the file.</param>
    public ReadOnlySpan<byte> Span(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes - count);
        return new ReadOnlySpan<byte>((byte*)Address + offset, count);
    }

    /// <summary>Copies bytes from the file itself, past the map: pages of a map that are touched count as this process's memory.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Receives as many as the file still has.</param>
    /// <returns>How many that are.</returns>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the disk cannot read them.</exception>
    internal int Read(long offset, Span<byte> bytes)
    {
        try
        {
            return RandomAccess.Read(_stream!.SafeFileHandle, bytes, offset);
        }
        catch (IOException e)
        {
            throw new CloudsException(
                Failure.Weights, "a weight file cannot be read", Path, e.Message, next: "check the disk, or fetch the file again", inner: e);
        }
    }

    /// <summary>Refuses a file that was written to, in place, since it was mapped; it takes a microsecond.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>.</exception>
    public void RequireUnchanged()
    {
        if (_stream is not null && (RandomAccess.GetLength(_stream.SafeFileHandle) != Bytes || File.GetLastWriteTimeUtc(_stream.SafeFileHandle) != _written))
        {
            throw new CloudsException(Failure.Weights, "a weight file was written to while it was in use", Path, "another length or time of writing",
                "a file that stays as it is", "open it again; put new weights in its place by renaming a complete file over it");
        }
    }

    /// <summary>Part of the file as a stream, valid until the file is disposed.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Number of bytes, all within the file.</param>
    internal Stream Stream(long offset, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes - count);
        return new UnmanagedMemoryStream((byte*)Address + offset, count);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        _start = null;
        _memory.Dispose();
        _map?.Dispose();
    }

    /// <summary>A file that exists in memory only, all zero until somebody writes. No limit on the size of files meets it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">Its length.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: there is no memory for it.</exception>
    internal static MappedFile InMemory(string name, long bytes)
    {
        try
        {
            return new MappedFile(name, name, bytes, new NativeMemoryHandle(bytes));
        }
        catch (OutOfMemoryException e)
        {
            throw new CloudsException(Failure.Weights, "there is no memory for tensors that do not lie ready in their file", name, e.Message,
                $"{bytes} bytes of free memory", "free memory, or save the file with tensors that lie contiguous", e);
        }
    }

    /// <summary>The file, under another name from now on.</summary>
    internal MappedFile Called(string name)
    {
        Name = name;
        return this;
    }

    /// <summary>Part of a file in memory, to be written before anybody reads it.</summary>
    internal Span<byte> Writable(long offset, int count) => new((byte*)Address + offset, Span(offset, count).Length);

    private static CloudsException Empty(string path, FileStream stream)
    {
        stream.Dispose();
        return new CloudsException(Failure.Weights, "a weight file is empty", path, "0 bytes", next: "fetch or export it again");
    }
}
