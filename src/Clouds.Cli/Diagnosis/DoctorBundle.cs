using System.IO.Compression;
using System.Text;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Graph.Files;

namespace Clouds.Cli.Diagnosis;

/// <summary>One archive for whoever is asked for help: what the verbs that examine a machine say, without what names anybody.</summary>
/// <param name="run">Runs a command line of `clouds`: output, error, exit code.</param>
/// <param name="anonymity">Goes over everything that is written.</param>
internal sealed class DoctorBundle(Func<IReadOnlyList<string>, TextWriter, TextWriter, int> run, Anonymity anonymity)
{
    /// <summary>Name in the archive and command line of each part.</summary>
    public static IReadOnlyList<(string Name, string[] Arguments)> Parts { get; } =
    [
        ("version", ["version", "--json"]),
        ("doctor", ["doctor", "--json"]),
        ("kernels", ["kernels", "verify", "--own-vectors", "--json"]),
        ("bench", ["bench", "kernels", "--quick", "--runs", "3", "--no-emulated", "--json"]),
    ];

    /// <summary>Writes the archive. A part that fails is in it with its error, and the others are all the same.</summary>
    /// <param name="path">A zip file.</param>
    /// <param name="options">Options for every part, such as the device.</param>
    /// <param name="part">Told the command line of each part as it begins.</param>
    /// <returns>Exit code of each part.</returns>
    public IReadOnlyDictionary<string, int> Write(string path, IReadOnlyList<string> options, Action<string> part)
    {
        Dictionary<string, int> codes = [];
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string[] arguments) in Parts)
            {
                part($"clouds {string.Join(' ', arguments)}");
                using StringWriter output = new(), error = new();
                codes[name] = run([.. arguments, .. options], output, error);
                Add(archive, $"{name}.json", output.ToString(), anonymity.OfJson);
                Add(archive, $"{name}.log", error.ToString(), anonymity.Of);
            }

            Add(archive, "parts.json", JsonText.Document(codes), anonymity.OfJson);
        }

        AtomicFile.WriteAllBytes(path, bytes.ToArray());
        return codes;
    }

    private static void Add(ZipArchive archive, string name, string text, Func<string, string> clean)
    {
        if (text.Length > 0)
        {
            using Stream entry = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
            entry.Write(Encoding.UTF8.GetBytes(clean(text)));
        }
    }
}
