using Clouds.Diagnostics;

namespace Clouds.Cli.Reports;

/// <summary>Folders that verbs write to.</summary>
internal static class OutputFolder
{
    /// <summary>Makes a folder, with those above it, before any work is done for it.</summary>
    /// <exception cref="CloudsException">Output: it cannot be made or written.</exception>
    public static void Create(string path)
    {
        if (File.Exists(path))
        {
            throw new CloudsException(Failure.Output, "a file stands where an output folder is meant", path, "a file", "a folder", "choose another --out");
        }

        try
        {
            Directory.CreateDirectory(path);
            string probe = Path.Combine(path, $".clouds.{Environment.ProcessId}.tmp");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the output folder cannot be written", path,
                e.Message, "a folder that can be written", "check permissions, or choose another --out", e);
        }
    }

    /// <summary>Refuses results of an earlier run that this one would leave beside its own, or removes them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="stale">Names of such files.</param>
    /// <param name="overwrite">Whether they are removed.</param>
    /// <param name="next">What to do where they are refused.</param>
    /// <exception cref="CloudsException">Usage: there are some and they may not be removed; Output: they cannot be.</exception>
    public static void Clear(
        string folder, IReadOnlyList<string> stale, bool overwrite, string next = "choose another --out, or give --overwrite to remove them")
    {
        if (stale.Count > 0 && !overwrite)
        {
            throw new CloudsException(Failure.Usage, "the output folder holds results of an earlier run", folder,
                string.Join(", ", stale.Take(4)) + (stale.Count > 4 ? $", .. ({stale.Count} files)" : ""),
                "no results, or the same ones, which are replaced", next);
        }

        Remove(folder, stale);
    }

    /// <summary>Removes results of an earlier run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">Their names.</param>
    /// <exception cref="CloudsException">Output: one cannot be removed.</exception>
    public static void Remove(string folder, IReadOnlyList<string> names)
    {
        try
        {
            names.ToList().ForEach(name => File.Delete(Path.Combine(folder, name)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "results of an earlier run cannot be removed", folder, e.Message, next: "choose another --out", inner: e);
        }
    }
}
