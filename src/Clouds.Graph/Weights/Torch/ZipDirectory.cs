using System.Buffers.Binary;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// Where the members of a zip archive lie, so that those that are stored can be used in place, which the framework's reader does not tell. Archives
/// beyond 4 GB are read; the directory and every length in it are checked against the file.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndMark = 0x06054B50;
    private const uint End64Mark = 0x06064B50;
    private const uint Locator64Mark = 0x07064B50;
    private const uint EntryMark = 0x02014B50;
    private const uint MemberMark = 0x04034B50;
    private const int EndBytes = 22;
    private const int End64Bytes = 56;
    private const int Locator64Bytes = 20;
    private const int EntryBytes = 46;
    private const int MemberBytes = 30;

    private readonly MappedFile _file;
    private readonly long _end;
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);

    private ZipDirectory(MappedFile file)
    {
        _file = file;
        (long first, _end, long entries) = FindEnd();
        for (long place = first; entries > 0; entries--)
        {
            place = ReadEntry(place);
        }
    }

    /// <summary>The members by name.</summary>
    public IReadOnlyDictionary<string, ZipMember> Members => _members;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="CloudsException">Weights: it is damaged, or contradicts the file.</exception>
    public static ZipDirectory Read(MappedFile file) => new(file);

    /// <summary>The first byte of a member's data, which lie within the file.</summary>
    public long Find(string name, ZipMember member)
    {
        ReadOnlySpan<byte> header = At(member.Header, MemberBytes, MemberMark, name);
        long data = member.Header + MemberBytes + UInt16(header, 26) + UInt16(header, 28);
        return member.Stored <= _end - data
            ? data
            : throw Broken("a member of the archive reaches beyond its end", $"'{name}' up to byte {data + (Int128)member.Stored}", $"byte {_end}");
    }

    public CloudsException Broken(string what, string found, string expected, string next = PickleReader.Damaged) =>
        new(Failure.Weights, what, _file.Path, found, expected, next);

    // First entry, end of the entries and of all members, number of entries.
    private (long First, long End, long Entries) FindEnd()
    {
        long mark = FindEndMark();
        ReadOnlySpan<byte> end = _file.Span(mark, EndBytes);
        long entries = UInt16(end, 10);
        long bytes = UInt32(end, 12);
        long first = UInt32(end, 16);
        long last = mark;
        if (entries == ushort.MaxValue || bytes == uint.MaxValue || first == uint.MaxValue)
        {
            (first, bytes, entries, last) = ReadEnd64(mark);
        }

        return first >= 0 && bytes >= 0 && entries >= 0 && first <= last && bytes <= last - first && entries <= bytes / EntryBytes
            ? (first, first + bytes, entries)
            : throw Broken("the archive's directory does not lie within the file",
                $"{entries} entries in {bytes} bytes from byte {first}", $"all before byte {last}");
    }

    // A comment of up to 64 KB may stand behind it.
    private long FindEndMark()
    {
        long from = Math.Max(0, _file.Bytes - EndBytes - ushort.MaxValue);
        ReadOnlySpan<byte> tail = _file.Span(from, (int)(_file.Bytes - from));
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(mark, EndMark);
        int place = tail.LastIndexOf(mark);
        return place >= 0 && from + place <= _file.Bytes - EndBytes
            ? from + place
            : throw Broken("the archive has no directory", $"{_file.Bytes} bytes without one at their end", "a zip archive",
                "the file was cut off, as an interrupted download is: fetch it again");
    }

    private (long First, long Bytes, long Entries, long Last) ReadEnd64(long mark)
    {
        ReadOnlySpan<byte> locator = At(mark - Locator64Bytes, Locator64Bytes, Locator64Mark, "its directory");
        long place = Int64(locator, 8);
        ReadOnlySpan<byte> end = At(place, End64Bytes, End64Mark, "its directory");
        return (Int64(end, 48), Int64(end, 40), Int64(end, 32), place);
    }

    private long ReadEntry(long place)
    {
        ReadOnlySpan<byte> entry = At(place, EntryBytes, EntryMark, "its directory");
        int nameBytes = UInt16(entry, 28);
        int extraBytes = UInt16(entry, 30);
        long next = place + EntryBytes + nameBytes + extraBytes + UInt16(entry, 32);
        if (next > _end)
        {
            throw Broken("the archive's directory ends in the middle", $"an entry up to byte {next}", $"byte {_end}");
        }

        string name = Encoding.UTF8.GetString(_file.Span(place + EntryBytes, nameBytes));
        ZipMember member = new(UInt16(entry, 8), UInt16(entry, 10), UInt32(entry, 20), UInt32(entry, 24), UInt32(entry, 42));
        member = Widen(member, _file.Span(place + EntryBytes + nameBytes, extraBytes));
        if (!_members.TryAdd(name, member) || member.Stored < 0 || member.Bytes < 0)
        {
            throw Broken("the archive's directory contradicts itself", $"'{name}' twice, or with a negative length", "each member once");
        }

        return next;
    }

    // Numbers that do not fit 32 bits follow in the extra field 1, in this order, those that do are left out.
    private static ZipMember Widen(ZipMember member, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int bytes = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> wide = extra.Slice(4, bytes);
                return member with { Bytes = Take(member.Bytes, ref wide), Stored = Take(member.Stored, ref wide), Header = Take(member.Header, ref wide) };
            }

            extra = extra[(4 + bytes)..];
        }

        return member;
    }

    private static long Take(long narrow, ref ReadOnlySpan<byte> wide)
    {
        if (narrow != uint.MaxValue || wide.Length < sizeof(long))
        {
            return narrow;
        }

        long value = Int64(wide, 0);
        wide = wide[sizeof(long)..];
        return value;
    }

    private ReadOnlySpan<byte> At(long place, int bytes, uint mark, string what)
    {
        bool inside = place >= 0 && place <= _file.Bytes - bytes;
        ReadOnlySpan<byte> header = inside ? _file.Span(place, bytes) : default;
        return inside && UInt32(header, 0) == mark
            ? header
            : throw Broken("a part of the archive is not where it should be", $"something else at byte {place}", $"the header of {what}");
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}

/// <summary>A member of a zip archive.</summary>
/// <param name="Flags">Bit 0: encrypted.</param>
/// <param name="Method">0: stored; 8: deflated.</param>
/// <param name="Stored">Bytes in the archive.</param>
/// <param name="Bytes">Bytes of the member itself.</param>
/// <param name="Header">Where its header lies.</param>
internal readonly record struct ZipMember(int Flags, int Method, long Stored, long Bytes, long Header);
