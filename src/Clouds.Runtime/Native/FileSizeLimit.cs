using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>The limit on the size of files that a user has set (ulimit -f).</summary>
public static partial class FileSizeLimit
{
    private const int SignalOfTheLimit = 25;
    private const nint Ignore = 1;

    /// <summary>From here on a file that would grow past the limit is an error of writing, as on a full disk; otherwise the system ends the process.</summary>
    public static void FailWrites()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Signal(SignalOfTheLimit, Ignore);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);
}
