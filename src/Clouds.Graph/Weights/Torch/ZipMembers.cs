using System.IO.Compression;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// The members of an archive as parts of mapped files: stored ones in place, deflated ones, which PyTorch never writes, in memory, all of them together in at
/// most twice the file's size.
/// </summary>
/// <param name="file">The archive.</param>
internal sealed class ZipMembers(MappedFile file)
{
    // Vectors of 64 bytes read tensors best from such places.
    private const long Alignment = 64;
    private const long FreeBytes = 1 << 20;
    private const int Encrypted = 1;
    private const int Stored = 0;
    private const int Deflated = 8;

    private readonly ZipDirectory _directory = ZipDirectory.Read(file);
    private long _left = FreeBytes + (2 * file.Bytes);

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => [.. _directory.Members.Keys];

    /// <summary>Whether there is such a member.</summary>
    public bool Has(string name) => _directory.Members.ContainsKey(name);

    /// <summary>A member's length.</summary>
    public long Length(string name) => Member(name).Bytes;

    /// <summary>Places for members.</summary>
    /// <param name="names">The members, each once.</param>
    /// <param name="files">Receives the file in memory, where one is needed.</param>
    public Dictionary<string, TorchPlace> Place(IReadOnlyCollection<string> names, List<MappedFile> files)
    {
        Dictionary<string, TorchPlace> places = new(names.Count, StringComparer.Ordinal);
        List<string> packed = [];
        foreach (string name in names)
        {
            if (Check(name).Method == Deflated)
            {
                packed.Add(name);
            }
            else
            {
                places.Add(name, new TorchPlace(file, _directory.Find(name, Member(name))));
            }
        }

        Unpack(packed, places, files);
        return places;
    }

    private ZipMember Check(string name)
    {
        ZipMember member = Member(name);
        return (member.Flags & Encrypted) != 0 || member.Method is not (Stored or Deflated)
            ? throw _directory.Broken("a member of the archive is encrypted, or compressed in a way that PyTorch does not read",
                $"'{name}', method {member.Method}", "stored members", "unpack the archive and pack it again without compression")
            : member.Method == Stored && member.Stored != member.Bytes
            ? throw _directory.Broken("a member of the archive has two lengths", $"'{name}' of {member.Stored} and {member.Bytes} bytes", "one")
            : member;
    }

    private void Unpack(List<string> names, Dictionary<string, TorchPlace> places, List<MappedFile> files)
    {
        long bytes = 0;
        foreach (string name in names)
        {
            long member = Member(name).Bytes;
            _left -= Math.Min(member, long.MaxValue - Alignment) + Alignment;
            places.Add(name, _left >= 0 ? new TorchPlace(file, bytes) : throw _directory.Broken(
                "the archive is compressed so that its members take more than twice its size", $"'{name}' of {member} bytes", "stored members",
                "unpack the archive and pack it again without compression"));
            bytes += (member + Alignment - 1) / Alignment * Alignment;
        }

        if (names.Count > 0)
        {
            MappedFile block = MappedFile.InMemory($"{file.Name}/{files.Count}", bytes);
            files.Add(block);
            names.ForEach(name => Unpack(name, places[name] = new TorchPlace(block, places[name].Offset)));
        }
    }

    private void Unpack(string name, TorchPlace place)
    {
        ZipMember member = Member(name);
        try
        {
            using DeflateStream stream = new(file.Stream(_directory.Find(name, member), member.Stored), CompressionMode.Decompress);
            for (long done = 0; done < member.Bytes;)
            {
                int piece = (int)Math.Min(1 << 20, member.Bytes - done);
                stream.ReadExactly(place.File.Writable(place.Offset + done, piece));
                done += piece;
            }

            if (stream.ReadByte() >= 0)
            {
                throw new InvalidDataException("more bytes than the directory says");
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw _directory.Broken("a member of the archive cannot be unpacked", $"'{name}': {e.Message}", $"{member.Bytes} bytes");
        }
    }

    private ZipMember Member(string name) => _directory.Members.TryGetValue(name, out ZipMember member)
        ? member
        : throw _directory.Broken("the archive lacks a member", $"no '{name}'", "every storage that its pickle names");
}
