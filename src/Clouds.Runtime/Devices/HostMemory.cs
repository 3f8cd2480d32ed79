using System.Globalization;

namespace Clouds.Runtime.Devices;

/// <summary>
/// The memory that this process may use on a Linux machine: the least of what the machine and each control group above the process leave. Files that
/// the system keeps in memory count as free, because it gives them up.
/// </summary>
/// <param name="Free">Bytes that may still be taken.</param>
/// <param name="Total">Bytes in all.</param>
public sealed record HostMemory(long Free, long Total)
{
    // Version 1 of control groups writes no limit as a number near 2^63.
    private const long NoLimit = 1L << 60;

    /// <summary>As it is now.</summary>
    public static HostMemory Now => Read("/");

    /// <summary>As the files below a root say; .NET's own figures where there are none.</summary>
    internal static HostMemory Read(string root)
    {
        HostMemory machine = OfMachine(Path.Combine(root, "proc/meminfo"));
        return Groups(root).Aggregate(machine, (least, group) => new HostMemory(Math.Min(least.Free, group.Free), Math.Min(least.Total, group.Total)));
    }

    private static HostMemory OfMachine(string path)
    {
        Dictionary<string, long> entries = Entries(path, ':', 1024);
        long total = entries.GetValueOrDefault("MemTotal", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return new HostMemory(entries.GetValueOrDefault("MemAvailable", Math.Max(0, total - Environment.WorkingSet)), total);
    }

    // A line is "0::/path" in version 2 and "4:memory:/path" in version 1. In a container the path may be that of the host, which is not to be seen there.
    private static IEnumerable<HostMemory> Groups(string root)
    {
        foreach (string[] parts in Lines(Path.Combine(root, "proc/self/cgroup")).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            bool second = parts[1].Length == 0;
            if (!second && !parts[1].Split(',').Contains("memory"))
            {
                continue;
            }

            string folder = Path.Combine(root, second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
            foreach (string path in Upwards(parts[2]))
            {
                yield return OfGroup(Path.Combine(folder, path), second);
            }
        }
    }

    private static IEnumerable<string> Upwards(string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(0, names.Length + 1).Select(count => string.Join('/', names[..count]));
    }

    private static HostMemory OfGroup(string folder, bool second)
    {
        long limit = Number(Path.Combine(folder, second ? "memory.max" : "memory.limit_in_bytes")) ?? long.MaxValue;
        if (limit >= NoLimit)
        {
            return new HostMemory(long.MaxValue, long.MaxValue);
        }

        long used = Number(Path.Combine(folder, second ? "memory.current" : "memory.usage_in_bytes")) ?? 0;
        long files = Entries(Path.Combine(folder, "memory.stat"), ' ', 1).GetValueOrDefault(second ? "inactive_file" : "total_inactive_file");
        return new HostMemory(Math.Clamp(limit - used + files, 0, limit), limit);
    }

    private static long? Number(string path) =>
        long.TryParse(Lines(path).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static Dictionary<string, long> Entries(string path, char separator, long unit)
    {
        Dictionary<string, long> entries = [];
        foreach (string[] parts in Lines(path).Select(line => line.Split(separator, 2)).Where(parts => parts.Length == 2))
        {
            if (long.TryParse(parts[1].Trim().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                entries[parts[0]] = number * unit;
            }
        }

        return entries;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
