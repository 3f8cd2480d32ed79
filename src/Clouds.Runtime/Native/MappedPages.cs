using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>Pages of mapped files.</summary>
internal static partial class MappedPages
{
    private const int DontNeed = 4;

    /// <summary>
    /// Takes the pages of a file that was mapped for reading out of the process's memory. Whoever touches one again gets it back from the system's
    /// cache, or from the disk. Advice only: where it is not heard, nothing changes.
    /// </summary>
    /// <param name="address">Start of the mapping.</param>
    /// <param name="bytes">Its length.</param>
    public static void Release(nint address, long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(address, (nuint)bytes, DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint bytes, int advice);
}
