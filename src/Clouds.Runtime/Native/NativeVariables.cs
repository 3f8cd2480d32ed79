using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>Environment variables as native code sees them; .NET's are a copy.</summary>
internal static partial class NativeVariables
{
    /// <summary>Sets a variable that the user has not set.</summary>
    public static void SetWhereAbsent(string name, string value)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Set(name, value, overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int overwrite);
}
