using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Clouds.Runtime.Native;

/// <summary>Files that lie in memory and in no folder.</summary>
internal static partial class MemoryFile
{
    private const uint CloseOnExec = 1;

    /// <summary>Makes one; it stays until the process ends.</summary>
    /// <param name="name">What the system's lists of mapped files call it.</param>
    /// <param name="bytes">Its content.</param>
    /// <returns>A path under which this process can open it, unlike that of any other.</returns>
    /// <exception cref="IOException">The system has no room for it, or no such files.</exception>
    public static string Write(string name, ReadOnlySpan<byte> bytes)
    {
        int descriptor = Create(name, CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        // Never closed: the loader takes a path that it has seen before for the same library.
        using SafeFileHandle handle = new(descriptor, ownsHandle: false);
        try
        {
            RandomAccess.Write(handle, bytes, fileOffset: 0);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException("the limit on the size of files (ulimit -f) is smaller", e);
        }

        return $"/proc/self/fd/{descriptor}";
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);
}
