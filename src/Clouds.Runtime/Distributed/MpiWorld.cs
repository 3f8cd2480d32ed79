using Clouds.Runtime.Native;

namespace Clouds.Runtime.Distributed;

/// <summary>All ranks, as MPI has them: messages of bytes that are begun and asked for. One thread makes every call.</summary>
internal sealed unsafe class MpiWorld
{
    private const int Funneled = 1;
    private readonly OpenMpi _mpi;

    /// <summary>Joins the others; waits until all are there.</summary>
    public MpiWorld(OpenMpi mpi, Launch launch)
    {
        _mpi = mpi;
        int provided = 0, rank = 0, count = 0;
        mpi.Check(mpi.MPI_Init_thread(null, 0, Funneled, &provided));
        mpi.Check(mpi.MPI_Comm_rank(mpi.World, &rank));
        mpi.Check(mpi.MPI_Comm_size(mpi.World, &count));
        launch.Require(rank, count);
        (Rank, Count) = (rank, count);

        // Otherwise a lost connection would end the process before anything is saved.
        mpi.Check(mpi.MPI_Comm_set_errhandler(mpi.World, mpi.ErrorsReturn));
    }

    public int Rank { get; }

    public int Count { get; }

    /// <summary>Begins to send; the bytes may not change before the message is complete.</summary>
    public Message Send(void* data, int bytes, int peer, int tag)
    {
        nint request;
        _mpi.Check(_mpi.MPI_Isend(data, bytes, _mpi.Byte, peer, tag, _mpi.World, &request));
        return new Message(request, peer);
    }

    /// <summary>Begins to receive; messages of one sender and tag arrive in the order in which they were sent.</summary>
    public Message Receive(void* data, int bytes, int peer, int tag)
    {
        nint request;
        _mpi.Check(_mpi.MPI_Irecv(data, bytes, _mpi.Byte, peer, tag, _mpi.World, &request));
        return new Message(request, peer);
    }

    /// <summary>Whether a message is complete; moves all messages on.</summary>
    public bool Test(ref Message message)
    {
        if (!message.IsUnderWay)
        {
            return true;
        }

        nint request = message.Request;
        int done = 0;
        _mpi.Check(_mpi.MPI_Test(&request, &done, 0));
        message = done == 0 ? message : default;
        return done != 0;
    }

    /// <summary>Gives up a message that will not come any more.</summary>
    public void Cancel(ref Message message)
    {
        nint request = message.Request;
        if (message.IsUnderWay)
        {
            _mpi.Check(_mpi.MPI_Cancel(&request));
            _mpi.Check(_mpi.MPI_Request_free(&request));
        }

        message = default;
    }

    /// <summary>Takes leave; waits for all.</summary>
    public void Leave() => _mpi.Check(_mpi.MPI_Finalize());
}

/// <summary>A message that was begun.</summary>
/// <param name="Request">MPI's handle; 0: it is complete.</param>
/// <param name="Peer">The other rank.</param>
internal readonly record struct Message(nint Request, int Peer)
{
    public bool IsUnderWay => Request != 0;
}
