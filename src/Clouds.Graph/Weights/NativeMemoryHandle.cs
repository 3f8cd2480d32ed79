using System.Runtime.InteropServices;

namespace Clouds.Graph.Weights;

/// <summary>
/// Native memory, all zero at first, that is freed when it is disposed or forgotten. It is aligned as maps of files are. Memory that is mapped without a
/// file would do as well, but .NET makes a file in memory for it, and a limit on the size of files (ulimit -f) ends the process there.
/// </summary>
internal sealed unsafe class NativeMemoryHandle : SafeBuffer
{
    /// <param name="bytes">Its length; zero is allowed.</param>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public NativeMemoryHandle(long bytes)
        : base(ownsHandle: true)
    {
        nuint length = (nuint)Math.Max(bytes, 1);
        SetHandle((nint)NativeMemory.AlignedAlloc(length, (nuint)Environment.SystemPageSize));
        NativeMemory.Clear((void*)handle, length);
        Initialize(length);
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
