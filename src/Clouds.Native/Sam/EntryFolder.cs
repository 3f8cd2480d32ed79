using System.IO.Hashing;
using System.Text;

namespace Clouds.Native.Sam;

/// <summary>
/// A folder of entries that can be made again: each a file with its own digest, all together bounded in bytes, the least recently used of them removed first.
/// Any number of threads and processes may share it. What goes wrong costs the caller an entry and is told once.
/// </summary>
/// <param name="folder">Made with the first entry.</param>
/// <param name="mostBytes">What the entries may take.</param>
/// <param name="warn">Told in one sentence why entries are not kept or read.</param>
internal sealed class EntryFolder(string folder, long mostBytes, Action<string>? warn)
{
    private const string Ending = ".embedding";
    private const string Unfinished = ".tmp";
    private const int Digest = 16;

    // Nobody writes an entry for so long: whoever began it was killed.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private int _warned;

    /// <summary>An entry's bytes; null where it is not there, damaged or cannot be read.</summary>
    /// <param name="name">32 hexadecimal digits.</param>
    /// <param name="length">Its bytes.</param>
    public byte[]? Find(string name, int length)
    {
        string path = PathOf(name);
        try
        {
            FileInfo file = new(path);
            byte[] bytes = file.Exists && file.Length == Digest + length ? File.ReadAllBytes(path) : [];
            if (bytes.Length != Digest + length || !DigestOf(name, bytes.AsSpan(Digest)).AsSpan().SequenceEqual(bytes.AsSpan(0, Digest)))
            {
                return null;
            }

            Touch(path);
            return bytes[Digest..];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Another process has made room meanwhile.
            return null;
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            WarnOnce($"{path}: an embedding cannot be read and is made anew: {e.Message}");
            return null;
        }
    }

    /// <summary>Keeps an entry in the place of an older or damaged one; those used longest ago make room for it.</summary>
    public void Keep(string name, ReadOnlySpan<byte> bytes)
    {
        if (Digest + bytes.Length > mostBytes)
        {
            return;
        }

        // Two threads, or two machines with the same process numbers, may make the same entry at once.
        string temporary = $"{PathOf(name)}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            Directory.CreateDirectory(folder);
            Write(temporary, name, bytes);
            File.Move(temporary, PathOf(name), overwrite: true);
            MakeRoom(PathOf(name));
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Discard(temporary);
            WarnOnce($"{folder}: embeddings cannot be kept: {e.Message}");
        }
    }

    // Nothing is forced to the disk: what a power failure leaves has another digest.
    private static void Write(string path, string name, ReadOnlySpan<byte> bytes)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(DigestOf(name, bytes));
        file.Write(bytes);
    }

    private static byte[] DigestOf(string name, ReadOnlySpan<byte> bytes)
    {
        XxHash128 hash = new();
        hash.Append(Encoding.ASCII.GetBytes(name));
        hash.Append(bytes);
        return hash.GetCurrentHash();
    }

    private void MakeRoom(string kept)
    {
        FileInfo[] files = [.. Ours().OrderBy(file => file.LastWriteTimeUtc)];
        long bytes = files.Sum(file => file.Length);
        foreach (FileInfo file in files.Where(file => file.FullName != Path.GetFullPath(kept)))
        {
            bool left = file.Name.EndsWith(Unfinished, StringComparison.Ordinal) && DateTime.UtcNow - file.LastWriteTimeUtc > Abandoned;
            bool full = bytes > mostBytes && file.Name.EndsWith(Ending, StringComparison.Ordinal);
            if (left || full)
            {
                bytes -= file.Length;
                file.Delete();
            }
        }
    }

    // Other files of the folder are somebody else's. Looked at once each: another process may remove them meanwhile.
    private IEnumerable<FileInfo> Ours()
    {
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles())
        {
            file.Refresh();
            if (file.Exists && IsOurs(file.Name))
            {
                yield return file;
            }
        }
    }

    private static bool IsOurs(string name)
    {
        string stem = name.Split('.')[0];
        return stem.Length == 2 * Digest && stem.All(char.IsAsciiHexDigitLower) && name.AsSpan(stem.Length).StartsWith(Ending, StringComparison.Ordinal);
    }

    // Its time is when it was used last. Where others own the entries, they keep theirs.
    private static void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            // It goes a little earlier than it would have.
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            // It was never made; or a later run removes it.
        }
    }

    // .NET's word for a file that would grow past the user's limit is that an argument is out of range.
    private static bool IsOfDisk(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    private void WarnOnce(string sentence)
    {
        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            warn?.Invoke(sentence);
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name + Ending);
}
