using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>NCCL's entry points, under its own names and with its own signatures.</summary>
public sealed unsafe partial class Nccl
{
    internal readonly delegate* unmanaged<int*, int> ncclGetVersion;
    internal readonly delegate* unmanaged<NcclId*, int> ncclGetUniqueId;
    internal readonly delegate* unmanaged<nint*, int, NcclId, int, int> ncclCommInitRank;
    internal readonly delegate* unmanaged<ulong, ulong, nuint, int, int, nint, nint, int> ncclAllReduce;
    internal readonly delegate* unmanaged<nint, int> ncclCommAbort;
    internal readonly delegate* unmanaged<int, byte*> ncclGetErrorString;
    internal readonly delegate* unmanaged<nint, byte*> ncclGetLastError;

    /// <summary>Fills the table.</summary>
    /// <param name="find">Address of an entry point by name, 0 = none.</param>
    /// <param name="search">How the library was found; its trace goes into messages.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: it is too old, or lacks an entry point.</exception>
    public Nccl(Func<string, nint> find, LibrarySearch search)
    {
        Search = search;
        ncclGetVersion = (delegate* unmanaged<int*, int>)search.Entry(find, "ncclGetVersion");
        ncclGetErrorString = (delegate* unmanaged<int, byte*>)search.Entry(find, "ncclGetErrorString");
        RequireMean();
        ncclGetUniqueId = (delegate* unmanaged<NcclId*, int>)search.Entry(find, "ncclGetUniqueId");
        ncclCommInitRank = (delegate* unmanaged<nint*, int, NcclId, int, int>)search.Entry(find, "ncclCommInitRank");
        ncclAllReduce = (delegate* unmanaged<ulong, ulong, nuint, int, int, nint, nint, int>)search.Entry(find, "ncclAllReduce");
        ncclCommAbort = (delegate* unmanaged<nint, int>)search.Entry(find, "ncclCommAbort");
        ncclGetLastError = (delegate* unmanaged<nint, byte*>)find("ncclGetLastError"); // from 2.13 on
    }

    /// <summary>How the library was found.</summary>
    public LibrarySearch Search { get; }
}

/// <summary>By what the processes of a communicator find each other; made by one of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcclId
{
    /// <summary>Its length.</summary>
    public const int Length = 128;

    /// <summary>Only NCCL knows what they mean.</summary>
    public fixed byte Bytes[Length];
}
