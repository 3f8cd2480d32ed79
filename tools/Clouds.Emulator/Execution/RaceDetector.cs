namespace Clouds.Emulator.Execution;

/// <summary>Who accesses memory, and after how many synchronisations.</summary>
/// <param name="Block">Linear block, from 0.</param>
/// <param name="Thread">Linear thread in the block.</param>
/// <param name="Epoch">Barriers the block has passed.</param>
/// <param name="WarpEpoch">Synchronisations the warp has passed.</param>
/// <param name="Turn">Number of the warp instruction in the launch.</param>
internal readonly record struct Accessor(long Block, int Thread, int Epoch, int WarpEpoch, long Turn);

/// <summary>
/// Remembers, for each byte of a memory, the last writers and readers of a launch. Two accesses conflict where one writes, not both are
/// atomic or volatile, and neither a block barrier nor a warp synchronisation lies between them.
/// </summary>
internal sealed class RaceDetector
{
    private readonly Dictionary<ulong, Record> _records = [];

    /// <summary>Forgets everything: a new launch, or a new block in this shared memory.</summary>
    public void Clear() => _records.Clear();

    /// <summary>Notes an access.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Length.</param>
    /// <param name="who">Thread and epochs.</param>
    /// <param name="write">It writes.</param>
    /// <param name="flagged">Atomic or volatile.</param>
    /// <param name="same">The bytes written are the ones there already.</param>
    /// <returns>null, or the other side of a race.</returns>
    public string? Note(ulong address, int bytes, in Accessor who, bool write, bool flagged, bool same)
    {
        for (ulong at = address; at < address + (ulong)bytes; at++)
        {
            ref Record record = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_records, at, out _);
            string? race = record.Check(who, write, flagged, same);
            if (race is not null)
            {
                return $"byte 0x{at:x}: {race}";
            }

            record.Note(who, write, flagged);
        }

        return null;
    }

    private struct Record
    {
        private Crowd _writers;
        private Crowd _readers;

        public readonly string? Check(in Accessor who, bool write, bool flagged, bool same)
        {
            if (!(flagged && _writers.Flagged) && !(write && same) && _writers.Unordered(who, sameTurnMatters: write))
            {
                return $"written by {_writers} and {(write ? "written" : "read")} by {Crowd.Name(who)} without a barrier between";
            }

            if (write && !(flagged && _readers.Flagged) && _readers.Unordered(who, sameTurnMatters: false))
            {
                return $"read by {_readers} and written by {Crowd.Name(who)} without a barrier between";
            }

            return null;
        }

        public void Note(in Accessor who, bool write, bool flagged)
        {
            if (!write)
            {
                _readers.Join(who, flagged);
                return;
            }

            // Whoever wrote plainly before is ordered before this, or wrote the same; atomics may still be under way in other threads.
            _writers = flagged && _writers.Flagged ? _writers : default;
            _writers.Join(who, flagged);
            _readers = default;
        }
    }

    /// <summary>The threads of one kind of access that nothing orders before the last of them.</summary>
    private struct Crowd
    {
        private Accessor _last;
        private bool _any;
        private bool _lanes;
        private bool _warps;
        private bool _blocks;

        /// <summary>All were atomic or volatile; false for nobody.</summary>
        public bool Flagged { get; private set; }

        public static string Name(in Accessor who) => $"block {who.Block} thread {who.Thread}";

        public readonly bool Unordered(in Accessor who, bool sameTurnMatters)
            => _any && (_blocks || _last.Block != who.Block || (_last.Epoch == who.Epoch && (_warps || Within(who, sameTurnMatters))));

        public void Join(in Accessor who, bool flagged)
        {
            bool otherBlock = _any && (_blocks || _last.Block != who.Block);
            bool sameEpoch = _any && _last.Block == who.Block && _last.Epoch == who.Epoch;
            bool sameWarp = sameEpoch && _last.Thread / 32 == who.Thread / 32;
            Flagged = flagged && (Flagged || !(otherBlock || sameEpoch));
            _lanes = sameWarp && _last.WarpEpoch == who.WarpEpoch && (_lanes || _last.Thread != who.Thread);
            _warps = sameEpoch && (_warps || !sameWarp);
            (_blocks, _last, _any) = (otherBlock, who, true);
        }

        public override readonly string ToString() => _blocks || _warps || _lanes ? $"several threads, the last {Name(_last)}," : Name(_last);

        // Lanes of one warp: the same instruction reads before it writes; otherwise a warp synchronisation has to lie between.
        private readonly bool Within(in Accessor who, bool sameTurnMatters)
        {
            if (_last.Thread == who.Thread && !_lanes)
            {
                return false;
            }

            bool sameWarp = _last.Thread / 32 == who.Thread / 32;
            return !sameWarp || (_last.Turn == who.Turn ? sameTurnMatters : _last.WarpEpoch == who.WarpEpoch);
        }
    }
}
