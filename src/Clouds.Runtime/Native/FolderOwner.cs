using System.Runtime.InteropServices;

namespace Clouds.Runtime.Native;

/// <summary>Tells whether a folder may be trusted to hold what was put there.</summary>
public static partial class FolderOwner
{
    private const int AtWorkingDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int KindMask = 0xF000;
    private const int Folder = 0x4000;
    private const int Sticky = 0x200;
    private const int WritableByOthers = 0x12;

    /// <summary>
    /// Whether nobody but this process's user and root can have changed what lies below a folder: it is a real folder of this user's that nobody
    /// else may write to, and nobody else can put another in its place.
    /// </summary>
    /// <param name="path">Absolute.</param>
    public static bool IsOursAlone(string path)
    {
        if (Look(path, NoFollow) is not (int mode, uint owner) || (mode & KindMask) != Folder || (mode & WritableByOthers) != 0 || owner != EffectiveUser())
        {
            return false;
        }

        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            if (Look(above, 0) is not (int aboveMode, uint aboveOwner) || (aboveOwner != 0 && aboveOwner != owner)
                || (aboveMode & (WritableByOthers | Sticky)) is not (0 or >= Sticky))
            {
                return false;
            }
        }

        return true;
    }

    // struct statx is the same on every architecture: owner at byte 20, type and permissions at byte 28.
    private static (int Mode, uint Owner)? Look(string path, int flags)
    {
        Span<byte> found = stackalloc byte[256];
        return Statx(AtWorkingDirectory, path, flags, TypeModeAndOwner, found) == 0
            ? (BitConverter.ToUInt16(found[28..]), BitConverter.ToUInt32(found[20..]))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> found);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
