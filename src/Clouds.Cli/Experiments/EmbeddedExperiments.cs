using System.Reflection;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>The files of the folder experiments, which are part of the executable: a row needs no file beside it.</summary>
internal static class EmbeddedExperiments
{
    /// <summary>The folder, as origins of settings show it.</summary>
    public const string Folder = "experiments";

    private static readonly Assembly Home = typeof(EmbeddedExperiments).Assembly;

    /// <summary>The files' names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Home.GetManifestResourceNames().Where(name => name.StartsWith($"{Folder}/", StringComparison.Ordinal))
            .Select(name => name[(Folder.Length + 1)..]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads them under the folder's name.</summary>
    public static IConfigurationSource Own { get; } = new EmbeddedSource();

    /// <summary>Reads files of the machine, and in place of a base that is not beside the file that names it the one of the folder.</summary>
    public static IConfigurationSource OwnBehindDisk { get; } = new LayeredSource();

    /// <summary>A file's bytes.</summary>
    /// <param name="name">Its name without the folder.</param>
    public static byte[] Bytes(string name)
    {
        using Stream stream = Home.GetManifestResourceStream($"{Folder}/{name}")
            ?? throw new CloudsException(Failure.Usage, "the executable has no such file", $"{Folder}/{name}", "nothing", string.Join(", ", Names));
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class EmbeddedSource : IConfigurationSource
    {
        public byte[] Read(string path) => Bytes(Path.GetFileName(path));

        public IEnumerable<string> Beside(string path) => Names;
    }

    private sealed class LayeredSource : IConfigurationSource
    {
        public byte[] Read(string path) =>
            !File.Exists(path) && Names.Contains(Path.GetFileName(path)) ? Own.Read(path) : IConfigurationSource.Disk.Read(path);

        public IEnumerable<string> Beside(string path) => IConfigurationSource.Disk.Beside(path).Concat(Names);
    }
}
