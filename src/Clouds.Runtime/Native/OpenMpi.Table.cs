namespace Clouds.Runtime.Native;

/// <summary>Open MPI's entry points, under its own names and with its own signatures; handles are addresses of its data.</summary>
public sealed unsafe partial class OpenMpi
{
    internal readonly delegate* unmanaged<int*, nint, int, int*, int> MPI_Init_thread;
    internal readonly delegate* unmanaged<int> MPI_Finalize;
    internal readonly delegate* unmanaged<nint, int*, int> MPI_Comm_size;
    internal readonly delegate* unmanaged<nint, int*, int> MPI_Comm_rank;
    internal readonly delegate* unmanaged<nint, nint, int> MPI_Comm_set_errhandler;
    internal readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> MPI_Isend;
    internal readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> MPI_Irecv;
    internal readonly delegate* unmanaged<nint*, int*, nint, int> MPI_Test;
    internal readonly delegate* unmanaged<nint*, int> MPI_Cancel;
    internal readonly delegate* unmanaged<nint*, int> MPI_Request_free;
    internal readonly delegate* unmanaged<int, byte*, int*, int> MPI_Error_string;
    internal readonly delegate* unmanaged<byte*, int*, int> MPI_Get_library_version;
    internal readonly nint World;
    internal readonly nint Byte;
    internal readonly nint ErrorsReturn;

    /// <summary>Fills the table.</summary>
    /// <param name="find">Address of an entry point by name, 0 = none.</param>
    /// <param name="search">How the library was found; its trace goes into messages.</param>
    public OpenMpi(Func<string, nint> find, LibrarySearch search)
    {
        Search = search;
        MPI_Get_library_version = (delegate* unmanaged<byte*, int*, int>)search.Entry(find, "MPI_Get_library_version");
        RequireOpenMpi(find);
        MPI_Init_thread = (delegate* unmanaged<int*, nint, int, int*, int>)search.Entry(find, "MPI_Init_thread");
        MPI_Finalize = (delegate* unmanaged<int>)search.Entry(find, "MPI_Finalize");
        MPI_Comm_size = (delegate* unmanaged<nint, int*, int>)search.Entry(find, "MPI_Comm_size");
        MPI_Comm_rank = (delegate* unmanaged<nint, int*, int>)search.Entry(find, "MPI_Comm_rank");
        MPI_Comm_set_errhandler = (delegate* unmanaged<nint, nint, int>)search.Entry(find, "MPI_Comm_set_errhandler");
        MPI_Isend = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)search.Entry(find, "MPI_Isend");
        MPI_Irecv = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)search.Entry(find, "MPI_Irecv");
        MPI_Test = (delegate* unmanaged<nint*, int*, nint, int>)search.Entry(find, "MPI_Test");
        MPI_Cancel = (delegate* unmanaged<nint*, int>)search.Entry(find, "MPI_Cancel");
        MPI_Request_free = (delegate* unmanaged<nint*, int>)search.Entry(find, "MPI_Request_free");
        MPI_Error_string = (delegate* unmanaged<int, byte*, int*, int>)search.Entry(find, "MPI_Error_string");
        World = search.Entry(find, WorldSymbol);
        Byte = search.Entry(find, "ompi_mpi_byte");
        ErrorsReturn = search.Entry(find, "ompi_mpi_errors_return");
    }

    /// <summary>How the library was found.</summary>
    public LibrarySearch Search { get; }
}
