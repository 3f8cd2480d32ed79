using Clouds.Diagnostics;

namespace Clouds.Cli.Settings;

/// <summary>Where configuration files are read.</summary>
internal interface IConfigurationSource
{
    /// <summary>Files of the machine.</summary>
    static IConfigurationSource Disk { get; } = new DiskSource();

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="CloudsException">Usage: it cannot be read.</exception>
    byte[] Read(string path);

    /// <summary>Names of the files in the folder of a file, for whoever mistyped one.</summary>
    IEnumerable<string> Beside(string path);

    private sealed class DiskSource : IConfigurationSource
    {
        public byte[] Read(string path)
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new CloudsException(Failure.Usage, "the configuration file cannot be read", path, e.Message, "a readable JSON file", "check --config", e);
            }
        }

        public IEnumerable<string> Beside(string path)
        {
            try
            {
                string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
                return [.. Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileName(file))];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return [];
            }
        }
    }
}
