using Clouds.Diagnostics;

namespace Clouds.Cli.Reports;

/// <summary>Folders that verbs write to.</summary>
internal static class OutputFolder
{
    /// <summary>Makes a folder, with those above it, before any work is done for it.</summary>
    /// <exception cref="CloudsException">Output: it cannot be made or written.</exception>
    public static void Create(string path)
    {
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
}
