using System.IO.Hashing;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// XXH128 of every byte of a safetensors file, header and padding included, with the digits of the digest itself read as zeros: the header holds it
/// among its metadata. It finds damage; whoever wants to forge a file can.
/// </summary>
internal sealed class ContentDigest
{
    /// <summary>Key in the file's metadata.</summary>
    public const string MetadataKey = "clouds.digest";

    private const string Kind = "xxh128:";
    private const int Digits = 32;
    private const int Piece = 1 << 20;

    private readonly XxHash128 _hash = new();

    private ContentDigest(long place) => Place = place;

    /// <summary>What the metadata hold while the content is being written.</summary>
    public static string Blank { get; } = Kind + new string('0', Digits);

    /// <summary>Position of the digits in the file.</summary>
    public long Place { get; }

    /// <summary>The digest of a file that is going to be written.</summary>
    /// <param name="header">Its header, with <see cref="Blank"/> in the metadata.</param>
    /// <param name="before">Bytes in front of the header.</param>
    public static ContentDigest ToWrite(ReadOnlySpan<byte> header, int before) =>
        new(before + header.IndexOf(Encoding.UTF8.GetBytes($"\"{MetadataKey}\":\"{Blank}")) + MetadataKey.Length + 4 + Kind.Length);

    /// <summary>Takes the next bytes of the file, the digits still blank.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _hash.Append(bytes);

    /// <summary>The digits.</summary>
    public byte[] Value() => Encoding.UTF8.GetBytes(Convert.ToHexStringLower(_hash.GetCurrentHash()));

    /// <summary>Reads the whole file and refuses another content than the one that was written; files without a digest pass.</summary>
    /// <param name="file">The file.</param>
    /// <param name="metadata">Its metadata, from which the digest is taken away.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the content has changed.</exception>
    public static void Require(MappedFile file, IDictionary<string, string> metadata)
    {
        // By either of its marks, so that a bit that changed in one of them does not hide it.
        string[] keys = [.. metadata.Keys.Where(key => key == MetadataKey || metadata[key].StartsWith(Kind, StringComparison.Ordinal))];
        foreach (string key in keys)
        {
            string found = metadata[key], computed = Kind + Compute(file, found);
            if (key != MetadataKey || found != computed)
            {
                throw new CloudsException(Failure.Weights, "the file is damaged: its content is not what was written", file.Path,
                    $"digest {computed}", found, "fetch or copy the file again, or take a backup; check the disk and the memory of this machine");
            }

            metadata.Remove(key);
        }
    }

    private static string Compute(MappedFile file, string digest)
    {
        int header = (int)Math.Min(file.Bytes, SafetensorsFile.MaxHeaderBytes);
        int value = file.Span(0, header).IndexOf(Encoding.UTF8.GetBytes(digest));
        ContentDigest computed = new(value < 0 ? file.Bytes : value + Kind.Length);
        byte[] piece = new byte[Piece];
        for (long done = 0; done < file.Bytes;)
        {
            int count = file.Read(done, piece);
            computed.Blot(piece.AsSpan(0, count), done);
            computed.Append(piece.AsSpan(0, count));
            done += count > 0 ? count : file.Bytes;
        }

        return Encoding.UTF8.GetString(computed.Value());
    }

    private void Blot(Span<byte> piece, long start)
    {
        long from = Math.Clamp(Place - start, 0, piece.Length), to = Math.Clamp(Place + Digits - start, 0, piece.Length);
        piece[(int)from..(int)to].Fill((byte)'0');
    }
}
