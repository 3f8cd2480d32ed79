using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// A folder that one process writes to at a time. The lock is on the folder itself: no file is left, and the system takes it back when the process ends,
/// however it ends.
/// </summary>
public sealed partial class FolderLock : IDisposable
{
    private const int OnlyFolders = 0x10000;
    private const int CloseInChildren = 0x80000;
    private const int Exclusive = 2;
    private const int AtOnce = 4;
    private const int WouldBlock = 11;
    private int _folder;

    private FolderLock(int folder) => _folder = folder;

    /// <summary>Locks a folder. Where the file system knows no locks, nothing is locked.</summary>
    /// <param name="path">The folder, which is there.</param>
    /// <param name="use">What the other process does with it, for the message.</param>
    /// <exception cref="CloudsException">Usage: another process, or another lock of this one, has it.</exception>
    public static FolderLock Take(string path, string use)
    {
        int folder = Open(path, OnlyFolders | CloseInChildren);
        if (folder >= 0 && Lock(folder, Exclusive | AtOnce) < 0 && Marshal.GetLastPInvokeError() == WouldBlock)
        {
            _ = Close(folder);
            throw new CloudsException(Failure.Usage, $"another process {use}", path, "a folder that it has locked", "a folder of this process's own",
                "wait until it ends, or end it (`lsof DIR` names it); or choose another folder");
        }

        return new FolderLock(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _folder, -1) is int folder and >= 0)
        {
            _ = Close(folder);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
