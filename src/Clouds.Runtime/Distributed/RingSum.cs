using System.Numerics.Tensors;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// The mean of an array over all ranks, in place, in chunks that are on their way at the same time. Each chunk is cut into as many parts as there are
/// ranks; a part goes around the ring twice: summed first, from the rank behind its number on, and divided; handed out then. The order of every sum
/// depends on the number of ranks alone, and one rank makes it for all: the same bits every time, and on every rank.
/// </summary>
/// <param name="what">What it is for.</param>
/// <param name="data">The array, the same length on every rank; borrowed until it is complete.</param>
/// <param name="count">Its length.</param>
internal sealed unsafe class RingSum(string what, float* data, long count) : Collective(what)
{
    /// <summary>Floats of a message at most. 128 KiB to 1 MiB are equally fast between processes of one host (platform.md section 9).</summary>
    internal const int PartFloats = 65_536;

    /// <summary>Chunks on their way.</summary>
    internal const int Lanes = 4;

    private Lane[] _lanes = [];

    public override long Moves => _lanes.Sum(lane => lane.Moves);

    public override void Begin(MpiWorld world, long number)
    {
        _lanes = [.. Enumerable.Range(0, Lanes).Select(lane => new Lane(world, data, count, lane))];
        Advance(world);
    }

    public override bool Advance(MpiWorld world)
    {
        bool complete = true;
        foreach (Lane lane in _lanes)
        {
            complete &= lane.Advance();
        }

        return complete;
    }

    public override void Dispose()
    {
        base.Dispose();
        Array.ForEach(_lanes, lane => lane.Dispose());
    }

    /// <summary>Every n-th chunk, one after the other.</summary>
    private sealed class Lane(MpiWorld world, float* data, long count, int lane) : IDisposable
    {
        private const int FirstTag = 16;
        private readonly NativeBuffer _arrived = new(PartFloats * sizeof(float), clear: false);
        private readonly long _chunkFloats = (long)PartFloats * world.Count;
        private long _chunk = (long)lane * PartFloats * world.Count;
        private int _turn = -1;
        private Message _sent;
        private Message _received;

        public long Moves { get; private set; }

        private int Turns => 2 * (world.Count - 1);

        private bool Sums => _turn < world.Count - 1;

        // In each turn the part goes on that came in the one before.
        private int Outgoing => Wrap(world.Rank - _turn);

        private int Incoming => Wrap(Outgoing - 1);

        public bool Advance()
        {
            while (_chunk < count && world.Test(ref _received) & world.Test(ref _sent))
            {
                Take();
                (_turn, Moves) = (_turn + 1, Moves + 1);
                if (_turn == Turns)
                {
                    (_chunk, _turn) = (_chunk + (_chunkFloats * Lanes), 0);
                }

                if (_chunk < count)
                {
                    Post();
                }
            }

            return _chunk >= count;
        }

        public void Dispose()
        {
            // What is still under way may be written to: the process ends soon then.
            if (!_sent.IsUnderWay && !_received.IsUnderWay)
            {
                _arrived.Dispose();
            }
        }

        private void Post()
        {
            (long from, int sent) = Part(Outgoing);
            (long into, int received) = Part(Incoming);
            int tag = FirstTag + lane;
            _received = world.Receive(Sums ? _arrived.Pointer : (byte*)(data + into), received * sizeof(float), Wrap(world.Rank - 1), tag);
            _sent = world.Send(data + from, sent * sizeof(float), Wrap(world.Rank + 1), tag);
        }

        private void Take()
        {
            if (_turn < 0 || !Sums)
            {
                return;
            }

            (long part, int length) = Part(Incoming);
            Span<float> sum = new(data + part, length);
            TensorPrimitives.Add(_arrived.Span<float>(0, length), sum, sum);
            if (_turn == world.Count - 2)
            {
                TensorPrimitives.Divide(sum, world.Count, sum);
            }
        }

        private (long First, int Length) Part(int number)
        {
            long length = Math.Min(_chunkFloats, count - _chunk);
            long first = length * number / world.Count;
            return (_chunk + first, (int)((length * (number + 1) / world.Count) - first));
        }

        private int Wrap(int rank) => ((rank % world.Count) + world.Count) % world.Count;
    }
}
