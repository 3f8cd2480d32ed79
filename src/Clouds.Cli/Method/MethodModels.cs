using System.Security.Cryptography;
using System.Text;
using Clouds.Cli.BuiltIn;
using Clouds.Cli.Experiments;
using Clouds.Diagnostics;

namespace Clouds.Cli.Method;

/// <summary>The foundation models of a run.</summary>
internal static class MethodModels
{
    /// <summary>The four below a folder.</summary>
    /// <exception cref="CloudsException">BadInput: one is not there.</exception>
    public static Miniatures Below(string folder)
    {
        string[] missing = [.. Miniatures.Keys.Where(key => !Path.Exists(Path.Combine(folder, key)))];
        if (missing.Length > 0)
        {
            throw new CloudsException(Failure.BadInput, "foundation models are missing", folder, $"no {string.Join(", no ", missing)}",
                string.Join(", ", Miniatures.Keys), "train them with `clouds train clip|sam|vae|diffusion|llm`, or leave --models out");
        }

        string In(string key) => Path.Combine(folder, key);
        string sam = Path.Combine(In("sam"), "model.safetensors");
        return new Miniatures(In("clip"), File.Exists(sam) ? sam : In("sam"), In("diffusion"), In("llm"));
    }

    /// <summary>SHA-256 of each one's files, by the names of <see cref="Miniatures.Keys"/>.</summary>
    /// <exception cref="CloudsException">BadInput: a file cannot be read.</exception>
    public static OrderedDictionary<string, string> Digests(Miniatures models, CancellationToken cancellation) =>
        new(Paths(models).Select(pair => KeyValuePair.Create(pair.Key, Digest(pair.Path, cancellation))));

    /// <summary>Bytes of each one's files, by the same names.</summary>
    public static OrderedDictionary<string, long> Bytes(Miniatures models) =>
        new(Paths(models).Select(pair => KeyValuePair.Create(pair.Key, Files(pair.Path).Sum(file => new FileInfo(file.Path).Length))));

    private static IEnumerable<(string Key, string Path)> Paths(Miniatures models) =>
        Miniatures.Keys.Zip([models.Clip, models.Sam, models.Diffusion, models.Language]);

    private static string Digest(string path, CancellationToken cancellation)
    {
        IEnumerable<string> lines = Files(path).Select(file => $"{file.Name} {FileHash.Of(file.Path, cancellation)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private static IEnumerable<(string Name, string Path)> Files(string path) => File.Exists(path) ? [(Path.GetFileName(path), path)]
        : Directory.GetFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(path, file).Replace('\\', '/'), file)).OrderBy(file => file.Item1, StringComparer.Ordinal);
}
