using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Native.Generation.Store;

/// <summary>
/// The list that one process appends to. A line counts once its end is on the disk; what a process that was killed left of one is cut off when the list is
/// opened again, for its image is there and says what the line said.
/// </summary>
internal sealed class ManifestPart : IDisposable
{
    private const byte NewLine = (byte)'\n';

    private readonly string _path;
    private readonly FileStream _guard;
    private readonly FileStream _file;

    /// <param name="folder">The store's folder.</param>
    /// <param name="share">Whose list.</param>
    /// <exception cref="CloudsException">Output: it cannot be written; Usage: another process writes it.</exception>
    public ManifestPart(string folder, StoreShare share)
    {
        _path = Path.Combine(folder, share.Manifest);
        _guard = Guard(Path.Combine(folder, $".{share.Manifest}.lock"), share);
        try
        {
            _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            _file.SetLength(Whole());
            _file.Seek(0, SeekOrigin.End);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _guard.Dispose();
            throw Unwritable(e);
        }
    }

    /// <summary>Appends a line and forces it to the disk.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written; the list is as it was.</exception>
    public void Append(StoredImage image)
    {
        long before = _file.Length;
        try
        {
            _file.Write([.. Encoding.UTF8.GetBytes(image.ToString()), NewLine]);
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            Cut(before);
            throw Unwritable(e);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _guard.Dispose();
    }

    // A file beside the list: a lock on the list itself keeps its readers out, as .NET opens files. Where a file system has no locks this is none, and two
    // processes of one part make the same images twice, to the same bits.
    private static FileStream Guard(string path, StoreShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new CloudsException(Failure.Usage, "another process makes this part of the images", path, $"part {share} is being made",
                "one process a part", "wait for it, or give each process a part of its own", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the store cannot be written", path, e.Message, "a folder that can be written", "check permissions", e);
        }
    }

    // Length up to the end of the last whole line.
    private long Whole()
    {
        byte[] part = new byte[1 << 16];
        for (long end = _file.Length; end > 0;)
        {
            int length = (int)Math.Min(part.Length, end);
            _file.Seek(end - length, SeekOrigin.Begin);
            _file.ReadExactly(part, 0, length);
            int last = part.AsSpan(0, length).LastIndexOf(NewLine);
            if (last >= 0)
            {
                return end - length + last + 1;
            }

            end -= length;
        }

        return 0;
    }

    private void Cut(long length)
    {
        try
        {
            _file.SetLength(length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The rest of the line is passed over by readers and cut off when the list is opened again; the first failure is the one that is reported.
        }
    }

    private CloudsException Unwritable(Exception e) => new(Failure.Output, "the list of a store's images cannot be written", _path, e.Message,
        "a writable folder with enough space", "free space and run it again: every image that is listed stays, and one that is not is listed then", e);
}
