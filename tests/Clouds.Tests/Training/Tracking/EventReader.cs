using System.Text;

namespace Clouds.Tests.Training.Tracking;

/// <summary>An event as a reader of its own finds it.</summary>
/// <param name="Seconds">Its time, since 1970.</param>
/// <param name="Step">Its step.</param>
/// <param name="Version">The version that the first event of a file tells.</param>
/// <param name="Numbers">Its numbers.</param>
/// <param name="Images">Its pictures: width, height, channels, file.</param>
internal sealed record ReadEvent(
    double Seconds, long Step, string? Version, IReadOnlyDictionary<string, float> Numbers,
    IReadOnlyDictionary<string, (long Width, long Height, long Channels, byte[] File)> Images);

/// <summary>Reads event files as their format is published: bit by bit, without anything of the writer's. What is not whole is refused.</summary>
internal static class EventReader
{
    public static IReadOnlyList<ReadEvent> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        List<ReadEvent> events = [];
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BitConverter.ToUInt64(file, at);
            Assert.Equal(Masked(file.AsSpan(at, 8)), BitConverter.ToUInt32(file, at + 8));
            Assert.Equal(Masked(file.AsSpan(at + 12, length)), BitConverter.ToUInt32(file, at + 12 + length));
            events.Add(Event(file.AsSpan(at + 12, length)));
            at += 16 + length;
        }

        return events;
    }

    // The polynomial of Castagnoli, reflected.
    public static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte one in bytes)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    private static ReadEvent Event(ReadOnlySpan<byte> bytes)
    {
        (Dictionary<string, float> numbers, Dictionary<string, (long, long, long, byte[])> images) = ([], []);
        ILookup<int, byte[]> fields = Fields(bytes);
        foreach (ILookup<int, byte[]> value in fields[5].SelectMany(summary => Fields(summary)[1]).Select(value => Fields(value)))
        {
            string tag = Encoding.UTF8.GetString(value[1].Single());
            value[2].ToList().ForEach(number => numbers.Add(tag, BitConverter.ToSingle(number)));
            foreach (ILookup<int, byte[]> image in value[4].Select(image => Fields(image)))
            {
                images.Add(tag, (Number(image[2]), Number(image[1]), Number(image[3]), image[4].Single()));
            }
        }

        string? version = fields[3].Select(Encoding.UTF8.GetString).SingleOrDefault();
        return new ReadEvent(BitConverter.ToDouble(fields[1].Single()), fields[2].Any() ? Number(fields[2]) : 0, version, numbers, images);
    }

    private static long Number(IEnumerable<byte[]> field) => BitConverter.ToInt64(field.Single());

    private static ILookup<int, byte[]> Fields(ReadOnlySpan<byte> bytes)
    {
        List<(int Field, byte[] Value)> fields = [];
        for (int at = 0; at < bytes.Length;)
        {
            long tag = Varint(bytes, ref at);
            long length = (tag & 7) switch { 0 => -1, 1 => 8, 2 => Varint(bytes, ref at), 5 => 4, _ => throw new InvalidDataException($"tag {tag}") };
            fields.Add(((int)(tag >> 3), length < 0 ? BitConverter.GetBytes(Varint(bytes, ref at)) : bytes.Slice(at, (int)length).ToArray()));
            at += (int)Math.Max(0, length);
        }

        return fields.ToLookup(field => field.Field, field => field.Value);
    }

    private static long Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        long number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte one = bytes[at++];
            number |= (long)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                return number;
            }
        }
    }
}
