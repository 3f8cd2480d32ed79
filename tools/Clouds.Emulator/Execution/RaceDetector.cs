namespace Clouds.Emulator.Execution;

/// <summary>Who accesses memory, and after how many synchronisations.</summary>
/// <param name="Block">Linear block, from 0.</param>
/// <param name="Thread">Linear thread in the block.</param>
/// <param name="Epoch">Barriers the block has passed.</param>
/// <param name="WarpEpoch">Synchronisations the warp has passed.</param>
/// <param name="Turn">Number of the warp instruction in the launch.</param>
internal readonly record struct Accessor(long Block, int Thread, int Epoch, int WarpEpoch, long Turn);

/// <summary>
/// Remembers, for each byte of a memory, the last writer and reader of a launch. Two accesses conflict where one writes, not both are
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
        private Accessor _writer;
        private Accessor _reader;
        private bool _written;
        private bool _read;
        private bool _writerFlagged;
        private bool _readersFlagged;
        private bool _severalReaders;

        public readonly string? Check(in Accessor who, bool write, bool flagged, bool same)
        {
            if (_written && !(flagged && _writerFlagged) && !(write && same) && Unordered(_writer, who, sameTurnMatters: write))
            {
                return $"written by {Name(_writer)} and {(write ? "written" : "read")} by {Name(who)} without a barrier between";
            }

            if (write && _read && !(flagged && _readersFlagged) && Unordered(_reader, who, sameTurnMatters: false, several: _severalReaders))
            {
                return $"read by {(_severalReaders ? "several threads" : Name(_reader))} and written by {Name(who)} without a barrier between";
            }

            return null;
        }

        public void Note(in Accessor who, bool write, bool flagged)
        {
            if (write)
            {
                (_writer, _written, _writerFlagged, _read, _severalReaders) = (who, true, flagged, false, false);
                return;
            }

            // Readers of an older epoch no longer matter; of the same epoch all count, though only one is remembered by name.
            bool joins = _read && _reader.Block == who.Block && _reader.Epoch == who.Epoch && _reader.Thread / 32 == who.Thread / 32 && _reader.WarpEpoch == who.WarpEpoch;
            bool other = _read && (_reader.Block != who.Block || (_reader.Epoch == who.Epoch && _reader.Thread / 32 != who.Thread / 32));
            _severalReaders = other || (_read && joins && (_severalReaders || _reader.Thread != who.Thread));
            (_readersFlagged, _reader, _read) = (flagged && (!_read || _readersFlagged), who, true);
        }

        private static bool Unordered(in Accessor earlier, in Accessor later, bool sameTurnMatters, bool several = false)
        {
            if (earlier.Block != later.Block)
            {
                return true;
            }

            if (earlier.Epoch != later.Epoch || (earlier.Thread == later.Thread && !several))
            {
                return false;
            }

            // Lanes of one warp: the same instruction reads before it writes; otherwise a warp synchronisation has to lie between.
            bool sameWarp = earlier.Thread / 32 == later.Thread / 32;
            return !sameWarp || (earlier.Turn == later.Turn ? sameTurnMatters : earlier.WarpEpoch == later.WarpEpoch);
        }

        private static string Name(in Accessor who) => $"block {who.Block} thread {who.Thread}";
    }
}
