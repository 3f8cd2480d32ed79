using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Clouds.Tests.Graph.Weights.Torch;

/// <summary>Writes files as torch.save does, in both containers, from a pickled value and the storages that it names.</summary>
internal static class TorchFile
{
    /// <summary>0, 1, 2, ... as float32.</summary>
    public static byte[] Floats(int count) => MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, count).Select(i => (float)i)]).ToArray();

    public static byte[] Zip(byte[] value, params (string Key, byte[] Bytes)[] storages) => Archive(
    [
        ("archive/data.pkl", PickleText.Pickle(value)), .. storages.Select(storage => ($"archive/data/{storage.Key}", storage.Bytes)),
        ("archive/version", "3\n"u8.ToArray()),
    ]);

    public static byte[] Archive((string Name, byte[] Bytes)[] members, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in members)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Legacy(byte[] value, params (string Key, long Elements, byte[] Bytes)[] storages) =>
    [
        .. LegacyHead(value, storages.Select(storage => storage.Key)),
        .. storages.SelectMany(storage => (byte[])[.. PickleText.Int64(storage.Elements), .. storage.Bytes]),
    ];

    /// <summary>What stands in front of the storages.</summary>
    public static byte[] LegacyHead(byte[] value, IEnumerable<string> keys) =>
    [
        .. PickleText.Pickle([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]),
        .. PickleText.Pickle(PickleText.Value(1001)),
        .. PickleText.Pickle(PickleText.Value(new (object, object?)[] { ("protocol_version", 1001), ("little_endian", true) })),
        .. PickleText.Pickle(value),
        .. PickleText.Pickle(PickleText.Value(keys.Select(key => (object?)key))),
    ];
}
