using System.IO.Hashing;
using System.Reflection;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.BuiltIn;

/// <summary>
/// The miniatures' files inside the executable. One is unpacked when it is first named, to a folder of its content's digest that appears whole or not at all,
/// and what is there is compared before it is used. So any number of processes may do it at once, and what a crash has left is mended.
/// </summary>
/// <param name="files">Opens each by its name, "clip/model.safetensors".</param>
/// <param name="places">Folders to unpack to, the first that can be written counts.</param>
internal sealed class MiniatureFiles(IReadOnlyDictionary<string, Func<Stream>> files, IEnumerable<string> places)
{
    private const string Resources = "mini/";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _unpacked = [];

    /// <summary>Those of this program, in the user's folder for caches, or else in that for temporary files.</summary>
    public static MiniatureFiles OfProgram { get; } = new(Carried(typeof(MiniatureFiles).Assembly), UnpackingPlaces.OfUser);

    /// <summary>Whether a miniature is carried.</summary>
    public bool Has(string key) => NamesOf(key).Length > 0;

    /// <summary>The bytes of a file that is carried; null: there is none of this name.</summary>
    /// <param name="name">With its miniature's key, "clip/card.json".</param>
    public byte[]? Read(string name)
    {
        if (!files.TryGetValue(name, out Func<Stream>? open))
        {
            return null;
        }

        using Stream stream = open();
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The folder of a miniature.</summary>
    /// <param name="key">One of <see cref="Miniatures.Keys"/>.</param>
    /// <exception cref="CloudsException">Usage: it is not carried; Output: no place can be written.</exception>
    public string Unpack(string key)
    {
        lock (_lock)
        {
            return _unpacked.TryGetValue(key, out string? folder) ? folder
                : _unpacked[key] = Unpack(key, [.. NamesOf(key).Select(name => (name, Read(name)!))]);
        }
    }

    private string Unpack(string key, (string Name, byte[] Bytes)[] contents)
    {
        if (contents.Length == 0)
        {
            throw new CloudsException(Failure.Usage, "this program carries no such miniature", Miniatures.NameOf(key), "it was built without models/mini",
                next: "name weights of your own in its place, or take a program that carries them");
        }

        string folder = $"{key}-{Digest(contents)}";
        List<string> failures = [];
        foreach (string place in places)
        {
            try
            {
                return Write(Path.Combine(place, folder), key.Length + 1, contents);
            }
            catch (Exception e) when (e is CloudsException or IOException or UnauthorizedAccessException)
            {
                failures.Add($"{place}: {(e as CloudsException)?.Found ?? e.Message}");
            }
        }

        throw new CloudsException(Failure.Output, "a miniature inside the program cannot be unpacked", Miniatures.NameOf(key),
            failures.Count > 0 ? string.Join("; ", failures) : "this user has neither a home nor a safe folder for temporary files",
            $"a folder that can be written, with {contents.Sum(file => (long)file.Bytes.Length) >> 20} MiB free", "name one with XDG_CACHE_HOME");
    }

    private static string Write(string folder, int prefix, (string Name, byte[] Bytes)[] contents)
    {
        if (!Directory.Exists(folder))
        {
            Appear(folder, prefix, contents);
        }

        foreach ((string name, byte[] bytes) in contents)
        {
            string path = Path.Combine(folder, name[prefix..]);
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            {
                AtomicFile.WriteAllBytes(path, bytes);
            }
        }

        return folder;
    }

    private static void Appear(string folder, int prefix, (string Name, byte[] Bytes)[] contents)
    {
        string provisional = $"{folder}.{Guid.NewGuid():N}";
        try
        {
            foreach ((string name, byte[] bytes) in contents)
            {
                string path = Path.Combine(provisional, name[prefix..]);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, bytes);
            }

            Directory.Move(provisional, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was first; what it wrote is compared like anything else.
        }
        finally
        {
            Remove(provisional);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Digest((string Name, byte[] Bytes)[] contents)
    {
        XxHash128 hash = new();
        foreach ((string name, byte[] bytes) in contents)
        {
            hash.Append(Encoding.UTF8.GetBytes($"{name}\n{bytes.Length}\n"));
            hash.Append(bytes);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private string[] NamesOf(string key) => [.. files.Keys.Where(name => name.StartsWith($"{key}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Dictionary<string, Func<Stream>> Carried(Assembly carrier) => carrier.GetManifestResourceNames()
        .Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
        .ToDictionary(name => name[Resources.Length..], name => (Func<Stream>)(() => carrier.GetManifestResourceStream(name)!));
}
