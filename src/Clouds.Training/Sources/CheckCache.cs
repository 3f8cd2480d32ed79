using System.IO.Hashing;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Datasets;

namespace Clouds.Training.Sources;

/// <summary>
/// Keeps what the check of a data set found, so that a set that has not changed is not loaded again to be checked. A file each, named by the digest
/// of the set's fingerprint and of this program's version. Where nothing can be written nothing is kept.
/// </summary>
/// <param name="folder">Where the files lie; null: nowhere.</param>
public sealed class CheckCache(string? folder)
{
    /// <summary>That of this user: clouds/checks in XDG_CACHE_HOME, or in .cache of the home.</summary>
    public static CheckCache OfUser { get; } = new(UserCache.Folder("checks"));

    /// <summary>What the check of a set with this fingerprint found; null: nobody knows.</summary>
    public DatasetReport? Find(DataFingerprint fingerprint)
    {
        try
        {
            return folder is null ? null : JsonSerializer.Deserialize<DatasetReport>(File.ReadAllBytes(FileOf(folder, fingerprint)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps what a check found.</summary>
    public void Keep(DataFingerprint fingerprint, DatasetReport report)
    {
        try
        {
            if (folder is not null)
            {
                AtomicFile.WriteAllBytes(FileOf(folder, fingerprint), JsonSerializer.SerializeToUtf8Bytes(report));
            }
        }
        catch (CloudsException)
        {
            // A read-only home costs the next run a check, and nobody anything else.
        }
    }

    private static string FileOf(string folder, DataFingerprint fingerprint)
    {
        string version = typeof(CheckCache).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        byte[] digest = XxHash128.Hash(Encoding.UTF8.GetBytes(version + fingerprint.ToJson()));
        return Path.Combine(folder, $"{Convert.ToHexStringLower(digest)}.json");
    }
}
